// Connecting to the host that is to be used.

internal import Runtime

extension DatabaseHosts {
    /// Connects to the host that is to be used. Where that fails, the fault is recorded, and the next host is tried.
    ///
    /// - Parameter deadline: the time after which no further host is tried; with nil all are.
    /// - Returns: the connection, and the host's index among the settings' addresses.
    func connect(
        for purpose: Connection.Purpose,
        until deadline: Instant? = nil
    ) throws(DatabaseError) -> (Connection, host: Int) {
        var tried = Set<Int>()
        var failure: DatabaseError?
        while deadline.map({ .now < $0 }) ?? true {
            let host: Int
            do throws(DatabaseError) {
                host = try self.host()
            } catch {
                throw failure ?? error
            }
            guard tried.insert(host).inserted else { break }
            do throws(DatabaseError) {
                return (try connect(to: host, for: purpose), host)
            } catch {
                failure = error
            }
        }
        throw failure ?? .deadlineExceeded
    }

    /// Makes a connection to a host. One that is lost before it is of use may be one that an administrator has killed,
    /// among all of the account's: that is no fault of the host, and a second one shows it.
    func open(_ host: Int, for purpose: Connection.Purpose) throws(DatabaseError) -> Connection {
        let start = Instant.now
        let connection: Connection
        do throws(DatabaseError) {
            connection = try Connection(settings, host: host, for: purpose)
        } catch {
            let isSilent = isSilent(host, since: start, limit: settings.connectTimeout)
            guard error.wasConnected, !isSilent else { throw error }
            connection = try Connection(settings, host: host, for: purpose)
        }
        recordAnswer(from: host)
        return connection
    }

    private func connect(to host: Int, for purpose: Connection.Purpose) throws(DatabaseError) -> Connection {
        let start = Instant.now
        do throws(DatabaseError) {
            return try open(host, for: purpose)
        } catch {
            let isSilent = isSilent(host, since: start, limit: settings.connectTimeout)
            recordFault(error.connectFault(isSilent: isSilent), of: host, since: start)
            throw error
        }
    }
}
