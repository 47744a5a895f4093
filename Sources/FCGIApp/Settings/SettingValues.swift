// Reading of declared settings from an environment.

struct SettingValues {
    private let variable: (String) -> String?

    /// - Parameter variable: returns the value of a variable; nil where it is not set.
    init(_ variable: @escaping (String) -> String?) {
        self.variable = variable
    }

    /// Returns the value of a setting that is required or has a default.
    func value<Value>(_ setting: KeyPath<DeclaredSettings, Setting<Value>>) throws(SettingsError) -> Value {
        guard let value = try optional(setting) else {
            preconditionFailure("\(Settings.declared[keyPath: setting].name) has no default")
        }
        return value
    }

    /// Returns the value of a setting, or its default; nil where there is neither.
    func optional<Value>(_ setting: KeyPath<DeclaredSettings, Setting<Value>>) throws(SettingsError) -> Value? {
        let setting = Settings.declared[keyPath: setting]
        return try setting.value(of: variable(setting.name))
    }
}
