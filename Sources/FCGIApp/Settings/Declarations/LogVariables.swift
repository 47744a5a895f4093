// The settings that say what is logged, and where to.

import Logging
import Runtime

struct LogVariables: SettingGroup {
    var title: String { "Logs" }

    let level = Setting<Logger.Level>.word(
        "ORBIA_LOG_LEVEL",
        default: .info,
        oneOf: [.debug, .info, .notice, .warning, .error],
        "The least severe messages that the service's log on standard error has."
    )
    let accessLog = Setting<AccessLogTarget>(
        name: "ORBIA_ACCESS_LOG",
        type: "stdout, off or an absolute path",
        bounds: .length(AccessLogTarget.maximumPathLength, unit: "bytes"),
        defaultValue: .value("stdout"),
        reason: """
            Where the access log goes, which has a line of JSON for each request. A file is opened anew on SIGUSR1, \
            for logrotate.
            """
    ) { AccessLogTarget($0) }
    let slow = Setting<Interval>.time(
        "ORBIA_SLOW",
        default: .seconds(1),
        in: .zero...(.seconds(600)),
        "A request that takes longer, its time in the queue included, is also logged as a warning."
    )
}
