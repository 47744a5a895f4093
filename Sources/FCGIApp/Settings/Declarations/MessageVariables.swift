// The settings that say what may be done with messages.

import Handlers
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
    let fileURLs = Setting<FileStorage>(
        name: "ORBIA_FILE_URLS",
        type: "URL prefixes with a slash at the end and commas between",
        bounds: .count(FileStorage.maximumCount),
        defaultValue: .absent("any http or https URL"),
        reason: """
            Beginnings of the URLs that send_message takes for files, such as https://files.example.com/chat/. Set it \
            to the platform's own storage, so that nobody can have a client load a picture from elsewhere, which \
            would tell that place who reads it and when.
            """,
        hint: ", such as https://files.example.com/chat/"
    ) { FileStorage($0) }
}
