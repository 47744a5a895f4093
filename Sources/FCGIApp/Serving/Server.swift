// The service's threads and sockets, from the start of the process to its end.

import Glibc
import Logging
import MySQLStore
import Runtime

/// Serves requests with a dispatcher and a fixed number of worker threads.
struct Server {
    private let settings: Settings
    private let serviceLog: ServiceLog
    private let logger: Logger
    private let hosts: DatabaseHosts
    private let ids = ConversationIDCache()
    private let counts = ConversationCountCache()

    init(_ settings: Settings, _ serviceLog: ServiceLog) {
        self.settings = settings
        self.serviceLog = serviceLog
        logger = serviceLog.logger(level: settings.logging.level)
        hosts = DatabaseHosts(settings.database)
    }

    /// Serves until SIGTERM or SIGINT. Ends the process when the last request is finished, and nginx has closed its
    /// connections, or the time for that is over.
    func run() throws {
        try FCGXLibrary.start()
        ClientLibrary.start()
        try DescriptorLimit.raise(forConnections: settings.limits.connections, workers: settings.limits.workers)
        if settings.tokens.hasShortSecret {
            logger.warning("JWT_SECRET has fewer than 32 bytes: it is easier to guess than what it signs")
        }

        let listener = try settings.listening.open()
        let statusListener = try settings.listening.openStatus(besideInherited: listener.isInherited)
        let stop = try StopSignal()
        let logs = Logs(service: serviceLog, access: try AccessLog(settings.logging.access, logger: logger))
        let metrics = Metrics()
        let log = RequestLog(metrics: metrics, access: logs.access, slow: settings.logging.slow, logger: logger)
        let dispatcher = try Dispatcher(listener, settings.limits, settings.connections, logger: logger)
        let probe = ReadinessProbe(hosts, logger: logger)
        let backfill = Backfill(hosts, logger: logger)
        let orderProgress = OrderProgress(hosts, logger: logger)
        let clockWatch = ClockWatch(hosts, logger: logger)
        let watchStatus = WatchStatus()
        let watcher = ChangeWatcher(
            hosts: hosts,
            dispatcher: dispatcher,
            interval: settings.watchInterval,
            status: watchStatus,
            logger: logger
        )
        let source = StatusSource(
            dispatcher: dispatcher,
            metrics: metrics,
            probe: probe,
            hosts: hosts,
            logs: logs,
            backfill: backfill.status,
            orderProgress: orderProgress.status,
            clockWatch: clockWatch,
            watch: watchStatus,
            limits: settings.limits,
            deadline: settings.deadline,
            secrets: settings.tokens.secrets.count,
            ownCertificate: hosts.useCertificates ? settings.database.security.certificate : nil,
            startTime: Int64(time(nil))
        )

        let responders = try startWorkers(for: dispatcher, log) + [try startOverloadResponder(for: dispatcher, log)]
        try watchHosts(until: stop)
        _ = try databaseThread("backfill") { backfill.run(until: stop) }
        _ = try databaseThread("order-progress") { orderProgress.run(until: stop) }
        _ = try databaseThread("clock-watch") { clockWatch.run(until: stop) }
        _ = try databaseThread("watcher") { watcher.run(until: stop) }
        try watchCertificates(until: stop)
        try startProbe(probe, until: stop)
        let status = try statusListener.map { listener throws(SystemError) in
            try startStatus(on: listener, source, until: stop)
        }
        try watchSignals(for: dispatcher, logs)
        let notifier = try startNotifier(source, until: stop)
        logger.info(
            "listening on \(listener.address) with \(settings.limits.workers) workers",
            metadata: ["version": "\(BuildVersion.number)", "commit": "\(BuildVersion.commit)"]
        )

        try dispatcher.run()
        for thread in responders { thread.join() }
        stop.send()
        status?.join()
        notifier?.join()
        logger.info("stopped")
        logs.finish()
        // The back-fill, the clock watch and the probe may wait for a database that has fallen silent, and the
        // logs for their readers. Nothing that a client was promised is lost with them.
        _exit(0)
    }

    // MARK: Threads

    private func startWorkers(for dispatcher: Dispatcher, _ log: RequestLog) throws(SystemError) -> [Thread] {
        try (1...settings.limits.workers).map { number throws(SystemError) in
            try databaseThread("worker-\(number)") { [settings, hosts, ids, counts, logger] in
                let store = Store(hosts, ids, counts, recallTimes: settings.recallTimes)
                Worker(settings, store, log: log, logger: logger).run(for: dispatcher)
            }
        }
    }

    private func startOverloadResponder(for dispatcher: Dispatcher, _ log: RequestLog) throws(SystemError) -> Thread {
        try Thread("overload") { OverloadResponder(log: log).run(for: dispatcher) }
    }

    private func watchHosts(until stop: StopSignal) throws(SystemError) {
        for host in settings.database.addresses.indices {
            _ = try databaseThread("host-\(host + 1)") { [hosts, logger] in
                HostWatch(hosts: hosts, host: host, logger: logger).run(until: stop)
            }
        }
    }

    private func watchCertificates(until stop: StopSignal) throws(SystemError) {
        guard hosts.useCertificates else { return }
        _ = try databaseThread("certificates") { [hosts] in CertificateWatch(hosts: hosts).run(until: stop) }
    }

    private func startProbe(_ probe: ReadinessProbe, until stop: StopSignal) throws(SystemError) {
        _ = try databaseThread("readiness") { probe.run(until: stop) }
    }

    private func startStatus(on listener: Listener, _ source: StatusSource, until stop: StopSignal) throws(SystemError)
        -> Thread
    {
        try Thread("status") { [logger] in StatusServer(listener, source, logger: logger).run(until: stop) }
    }

    /// Tells systemd of the service's state, where it wants to know.
    private func startNotifier(_ source: StatusSource, until stop: StopSignal) throws(SystemError) -> Thread? {
        guard let manager = ServiceManager(Settings.environment) else { return nil }
        return try Thread("notifier") { [logger] in ServiceNotifier(manager, source, logger: logger).run(until: stop) }
    }

    private func databaseThread(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) -> Thread {
        try Thread(name) {
            ClientLibrary.startThread()
            body()
            ClientLibrary.endThread()
        }
    }

    /// Obeys signals until the process ends.
    private func watchSignals(for dispatcher: Dispatcher, _ logs: Logs) throws(SystemError) {
        _ = try Thread("signals") { [settings, logger] in
            while true {
                switch Signals.next() {
                case .reopenLogs: logs.access?.reopen()
                case .stop: log(dispatcher.stop(drainingUntil: .now + settings.drainTimeout), to: logger)
                }
            }
        }
    }

    /// Tells what a signal to stop has led to.
    private func log(_ phase: LifeCycle.Phase, to logger: Logger) {
        switch phase {
        case .draining:
            logger.info("stopping; kept connections are served for \(settings.drainTimeout.seconds) s at the most")
        case .closing:
            logger.info("stopping at once")
        case .starting, .running, .stopped:
            break
        }
    }
}

extension ListenSettings {
    /// Opens the socket that requests come on.
    fileprivate func open() throws -> Listener {
        if address == nil, let descriptor = try InheritedSocket.descriptor(Settings.environment) {
            return try InheritedSocket.listen(on: descriptor, peers: peers)
        }
        switch address ?? Self.defaultAddress {
        case .path(let path):
            return try UnixSocket.listen(on: path, unixSocket, backlog: backlog)
        case .port(let host, let port):
            return try TCPSocket.listen(host: host, port: port, peers: peers, backlog: backlog)
        }
    }

    /// Opens the socket of health and metrics, where there is to be one.
    fileprivate func openStatus(besideInherited isInherited: Bool) throws -> Listener? {
        guard !(isInherited && isStatusPathDerived) else { return nil }
        return try statusPath.map { path in try UnixSocket.listen(on: path, unixSocket, backlog: 64) }
    }
}
