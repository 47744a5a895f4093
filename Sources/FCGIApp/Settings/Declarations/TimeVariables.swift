// The setting of the time zone.

struct TimeVariables: SettingGroup {
    var title: String { "Time zone" }

    let zone = Setting<String>(
        name: "TZ",
        type: "a time zone that this system knows",
        defaultValue: .absent("the system's"),
        reason: "Time zone of `joined_at` and of a conversation's `created_at` in answers.",
        hint: ", such as Asia/Shanghai or CST-8 (is tzdata installed?)"
    ) { name in
        TimeZoneName.isKnown(name) ? name : nil
    }
}
