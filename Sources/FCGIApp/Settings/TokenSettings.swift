// What is needed to check tokens, and to make them.

import Handlers

/// The secrets that tokens are signed with, and what they must say of their issuer.
struct TokenSettings: Sendable {
    var secret: String
    var previousSecret: String?
    var issuer: String?

    init(_ values: SettingValues = SettingValues(Settings.environment)) throws(SettingsError) {
        secret = try values.value(Settings.jwtSecret)
        previousSecret = try values.optional(Settings.jwtSecretPrevious)
        issuer = try values.optional(Settings.jwtIssuer)
    }

    /// A key shorter than the code it makes is easier to guess than the code (RFC 7518, section 3.2).
    var hasShortSecret: Bool { secret.utf8.count < 32 }

    /// A verifier for the thread that asks.
    func makeVerifier() -> TokenVerifier {
        TokenVerifier(secrets: [secret] + (previousSecret.map { [$0] } ?? []), issuer: issuer)
    }
}
