// The command `token`, which makes a JWT for trying the API.

import ArgumentParser
import Glibc
import Handlers

struct Token: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a token for a user, signed with JWT_SECRET.",
        discussion: "For trying the API: in production the platform issues tokens."
    )

    @Option(help: "The user's id (orbia_user.id), from 1.")
    var userID: Int64

    @Option(help: "Seconds until it expires, from 1.")
    var ttl: Int64 = 3_600

    func validate() throws {
        guard userID >= 1 else { throw ValidationError("--user-id must be at least 1") }
        // More than a century is a typing error.
        guard (1...3_155_760_000).contains(ttl) else {
            throw ValidationError("--ttl must be from 1 to 3155760000")
        }
    }

    func run() throws {
        let settings = try TokenSettings()
        print(
            TokenIssuer.token(
                userID: userID,
                secret: settings.secret,
                issuer: settings.issuer ?? "orbia_api",
                issuedAt: Int64(time(nil)),
                lifetime: ttl
            )
        )
    }
}
