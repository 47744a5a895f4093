// The secrets and the issuer that tokens are checked with.

import Handlers

struct TokenSettings: Sendable {
    var secret: String
    var previousSecret: String?
    var issuer: String?

    init(_ values: SettingValues = SettingValues(Settings.environment)) throws(SettingsError) {
        secret = try values.value(\.tokens.secret)
        previousSecret = try values.optional(\.tokens.previousSecret)
        issuer = try values.optional(\.tokens.issuer)
    }

    /// Whether the secret is shorter than an HS256 signature, and so easier to guess (RFC 7518, section 3.2).
    var hasShortSecret: Bool { secret.utf8.count < 32 }

    /// The secrets that a token may be signed with, the one in use first.
    var secrets: [String] { [secret] + (previousSecret.map { [$0] } ?? []) }

    /// Makes a verifier for the use of one thread.
    func makeVerifier() -> TokenVerifier {
        TokenVerifier(secrets: secrets, issuer: issuer)
    }
}
