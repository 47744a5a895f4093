// Whatever the environment says, the settings are read or refused, and a refusal tells no secret.

import Runtime
@testable import FCGIApp

/// The input: lines of NAME=value, as `env` prints them.
enum SettingsTarget {
    static let target = FuzzTarget(name: "settings", feed: feed)

    private static let secrets = ["JWT_SECRET", "JWT_SECRET_PREVIOUS", "MYSQL_PASSWORD"]

    private static func feed(_ bytes: UnsafeRawBufferPointer) {
        var environment = ["JWT_SECRET": "a secret of the fuzz, with more than 32 bytes"]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: "="), maxSplits: 1)
            guard let name = parts.first else { continue }
            // The environment holds C strings.
            let value = parts.count == 2 ? parts[1].prefix { $0 != 0 } : []
            environment[String(decoding: name, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
        }
        let values = environment
        do {
            check(try Settings { values[$0] })
        } catch {
            for name in secrets {
                guard let secret = values[name], secret.utf8.count >= 16 else { continue }
                expect(!error.description.contains(secret), "a refusal tells \(name)")
            }
        }
    }

    /// What the rest of the process relies on.
    private static func check(_ settings: Settings) {
        expect((1...256).contains(settings.limits.workers), "workers")
        expect(settings.limits.connections > 0 && settings.limits.queueLength > 0, "limits")
        for interval in [settings.deadline, settings.limits.queueAge, settings.limits.receiveTimeout] {
            expect(interval > .zero && interval <= .seconds(86_400), "a time of \(interval)")
        }
        for interval in [settings.limits.idleTimeout, settings.connections.sendTimeout] {
            expect(interval > .zero && interval <= .seconds(86_400), "a time of \(interval)")
        }
        expect(settings.drainTimeout >= .zero && settings.logging.slow >= .zero, "a time below zero")
        expect(!settings.database.addresses.isEmpty, "no database")
        expect(!settings.tokens.secret.isEmpty, "no secret")
        _ = settings.tokens.makeVerifier()
    }
}
