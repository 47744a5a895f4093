// The table from the numbers of errors to what they mean for the statement, and so to what is done about them.

internal import CMariaDB

extension DatabaseError {
    /// What an error means for the statement that it ended.
    enum Meaning: Hashable {
        /// The connection is gone. The statement may have been done.
        case connectionLost
        /// The server has stopped the statement, by its time limit or by KILL QUERY. It may have committed before.
        case stopped
        /// The transaction was rolled back for another one, or a lock could not be had in time. It may succeed when it
        /// is run again on the same host.
        case lockConflict
        /// The prepared statement is no longer valid, and nothing was done. A new connection prepares a new one.
        case statementStale
        /// This host cannot do it. Nothing was done, and another host may be able to.
        case hostFault(HostFault.Kind)
        /// No statement was sent: no time was left, or no host could be asked.
        case notSent
        /// The schema or the account's rights do not allow it. Trying again is of no use.
        case permanent

        /// Whether the transaction can be committed all the same: the error can come after the commit, or from the
        /// commit.
        var mayHaveCommitted: Bool { [.connectionLost, .stopped, .hostFault(.exhausted)].contains(self) }
    }

    private static let firstServerError: UInt32 = 1_000

    /// What the error means for the statement that it ended.
    var meaning: Meaning {
        if self == .deadlineExceeded { return .notSent }
        // Numbers below all others are file errors of the server (mysys), such as 3, no space left for the binary log.
        // They can come from the commit.
        if code.rawValue < Self.firstServerError { return .stopped }
        return switch Int32(code.rawValue) {
        case CR_CONNECTION_ERROR, CR_CONN_HOST_ERROR, CR_UNKNOWN_HOST, CR_IPSOCK_ERROR, CR_SOCKET_CREATE_ERROR,
            CR_SERVER_GONE_ERROR, CR_SERVER_LOST, CR_SERVER_LOST_EXTENDED, CR_SERVER_HANDSHAKE_ERR,
            CR_SSL_CONNECTION_ERROR, CR_COMMANDS_OUT_OF_SYNC, CR_ERR_NET_READ, CR_ERR_NET_WRITE,
            ER_SERVER_SHUTDOWN, ER_NORMAL_SHUTDOWN, ER_CONNECTION_KILLED, ER_ABORTING_CONNECTION,
            ER_NEW_ABORTING_CONNECTION, ER_NET_READ_ERROR, ER_NET_READ_INTERRUPTED, ER_NET_ERROR_ON_WRITE,
            ER_NET_WRITE_INTERRUPTED, ER_NET_PACKETS_OUT_OF_ORDER,
            // It is not known whether a cluster has accepted the commit that fails with this error.
            ER_ERROR_DURING_COMMIT:
            .connectionLost
        case ER_QUERY_INTERRUPTED, ER_STATEMENT_TIMEOUT:
            .stopped
        case ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK, ER_CHECKREAD, ER_LOCK_TABLE_FULL, ER_CANT_UPDATE_WITH_READLOCK:
            .lockConflict
        case ER_NEED_REPREPARE, ER_UNKNOWN_STMT_HANDLER, CR_NO_PREPARE_STMT, CR_STMT_CLOSED:
            .statementStale
        case ER_OPTION_PREVENTS_STATEMENT, ER_READ_ONLY_MODE, ER_INNODB_READ_ONLY, ER_OPEN_AS_READONLY,
            ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION:
            .hostFault(.readOnly)
        case ER_BINLOG_STMT_MODE_AND_ROW_ENGINE, ER_NET_PACKET_TOO_LARGE, CR_NET_PACKET_TOO_LARGE:
            .hostFault(.unsuitable)
        case ER_DISK_FULL, ER_RECORD_FILE_FULL, ER_ERROR_ON_WRITE, ER_GET_ERRNO, ER_OUTOFMEMORY,
            ER_OUT_OF_SORTMEMORY, ER_OUT_OF_RESOURCES, ER_CANT_CREATE_THREAD, ER_ENGINE_OUT_OF_MEMORY:
            .hostFault(.exhausted)
        case ER_CON_COUNT_ERROR, ER_TOO_MANY_USER_CONNECTIONS, ER_USER_LIMIT_REACHED,
            ER_MAX_PREPARED_STMT_COUNT_REACHED:
            .hostFault(.full)
        case ER_ACCESS_DENIED_ERROR, ER_ACCESS_DENIED_NO_PASSWORD_ERROR, ER_DBACCESS_DENIED_ERROR, ER_HOST_IS_BLOCKED,
            ER_HOST_NOT_PRIVILEGED, ER_ACCOUNT_HAS_BEEN_LOCKED, ER_MUST_CHANGE_PASSWORD, ER_MUST_CHANGE_PASSWORD_LOGIN:
            .hostFault(.denied)
        case ER_UNKNOWN_COM_ERROR:
            .hostFault(.rejecting)
        default:
            .permanent
        }
    }

    /// Whether a connection was lost that the host had taken: nobody had refused it.
    var wasConnected: Bool {
        meaning == .connectionLost
            && ![CR_CONNECTION_ERROR, CR_CONN_HOST_ERROR, CR_UNKNOWN_HOST, CR_IPSOCK_ERROR, CR_SOCKET_CREATE_ERROR]
                .contains(Int32(code.rawValue))
    }

    /// The host's fault that the error shows where a connection could not be made.
    ///
    /// - Parameter isSilent: whether the host has not answered for as long as any host may take.
    func connectFault(isSilent: Bool) -> HostFault {
        let kind: HostFault.Kind =
            switch meaning {
            case .connectionLost: isSilent ? .silent : .unreachable
            case .hostFault(let kind): kind
            default: .denied
            }
        return HostFault(kind, self)
    }

    /// What the failure means for the database as a whole.
    public var kind: Kind {
        switch meaning {
        case .connectionLost, .hostFault(.full), .hostFault(.denied): .connection
        case .permanent: .statement
        default: .interrupted
        }
    }
}
