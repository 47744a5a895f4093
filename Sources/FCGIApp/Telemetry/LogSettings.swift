// The settings of both logs.

import Logging
import Runtime

/// What is logged, and where the access log goes.
struct LogSettings: Sendable {
    var level: Logger.Level
    /// Requests that take longer are logged as warnings.
    var slow: Interval
    var access: AccessLogTarget
}
