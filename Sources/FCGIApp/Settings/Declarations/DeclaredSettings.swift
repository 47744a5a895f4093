// All settings of the service, in groups: the one list for reading them, for --help and for docs/configuration.md.

/// Settings of one topic. Each stored property is one setting.
protocol SettingGroup: Sendable {
    /// The heading of the group's chapter in --help and in docs/configuration.md.
    var title: String { get }
}

extension SettingGroup {
    /// The settings in the order in which they are declared.
    var settings: [any SettingDeclaration] {
        Mirror(reflecting: self).children.map { child in
            guard let setting = child.value as? any SettingDeclaration else {
                preconditionFailure("\(Self.self).\(child.label ?? "") is not a setting")
            }
            return setting
        }
    }
}

/// Every setting that there is. Each stored property is one group.
struct DeclaredSettings: Sendable {
    let database = DatabaseVariables()
    let tokens = TokenVariables()
    let listening = ListeningVariables()
    let requests = RequestVariables()
    let messages = MessageVariables()
    let connections = ConnectionVariables()
    let logs = LogVariables()
    let times = TimeVariables()

    /// The groups in the order in which they are declared.
    var groups: [any SettingGroup] {
        Mirror(reflecting: self).children.map { child in
            guard let group = child.value as? any SettingGroup else {
                preconditionFailure("\(child.label ?? "") is not a group of settings")
            }
            return group
        }
    }
}

extension Settings {
    static let declared = DeclaredSettings()

    /// The declarations of all groups.
    static let all: [any SettingDeclaration] = declared.groups.flatMap(\.settings)

    /// The part of --help about the environment.
    static let help = """
        Settings come from the environment. A bad value stops the start. Times are
        written with their unit: 500ms, 2s, 1m, 3h.

        \(declared.groups.map(chapter).joined(separator: "\n\n"))
        """

    private static func chapter(_ group: any SettingGroup) -> String {
        "\(group.title):\n" + group.settings.map(\.help).joined(separator: "\n")
    }
}
