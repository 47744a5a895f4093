// From the choice of a host to a connection to it.

internal import Runtime

extension DatabaseHosts {
    /// A connection to the host that is to be used, and its place. One that cannot be connected to is told of, and
    /// the next one is tried.
    ///
    /// - Parameter deadline: after this no further host is tried; nil: all are.
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

    private func connect(to host: Int, for purpose: Connection.Purpose) throws(DatabaseError) -> Connection {
        let start = Instant.now
        do throws(DatabaseError) {
            let connection = try Connection(settings, host: host, for: purpose)
            answered(host)
            return connection
        } catch {
            let isSilent = isSilent(host, since: start, limit: settings.connectTimeout)
            found(error.faultInConnecting(isSilent: isSilent), of: host, since: start)
            throw error
        }
    }
}
