// The settings that say what may be done with messages.

import Runtime

struct MessageVariables: SettingGroup {
    var title: String { "Messages" }

    let recallText = Setting<Interval>.time(
        "ORBIA_RECALL_TEXT",
        default: .seconds(120),
        in: .zero...(.seconds(86_400)),
        "How long after a text its sender may recall it, by the database's clock. 0s: texts cannot be recalled."
    )
    let recallFiles = Setting<Interval>.time(
        "ORBIA_RECALL_FILES",
        default: .seconds(3 * 3_600),
        in: .zero...(.seconds(86_400)),
        "How long after an image, file, video or voice message its sender may recall it. 0s: they cannot be recalled."
    )
}
