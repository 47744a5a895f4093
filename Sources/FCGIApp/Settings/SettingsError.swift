// The error of a setting that is missing or has a bad value, because of which the service does not start.

struct SettingsError: Error, Hashable, CustomStringConvertible {
    /// The message. It names the variable and never holds its value, which may be a secret.
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
