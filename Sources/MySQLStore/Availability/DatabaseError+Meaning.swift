// The one table from an error's number to what it says, and so to what is to be done about it.

internal import CMariaDB

extension DatabaseError {
    /// What an error that ended a statement says of the statement's work.
    enum Meaning: Hashable {
        /// The connection is gone. What was being asked may have been done.
        case lost
        /// The server has stopped the statement: its time limit, or KILL QUERY. It may have committed before.
        case stopped
        /// The transaction was rolled back for the sake of others, or a lock was not to be had. It may succeed
        /// when it is run again in the same place.
        case undone
        /// The prepared statement is not valid any more; nothing was done. A new connection has a new one.
        case stale
        /// This host cannot do it; nothing was done, and another host may be able to.
        case hostFault(HostFault.Kind)
        /// No time was left to ask; nothing was asked.
        case outOfTime
        /// The schema, or the account's rights, do not allow it, nor will they in a moment.
        case refused

        /// The transaction can be committed all the same: the error can strike behind the commit, or be the commit's.
        var mayComeWithTheCommit: Bool { [.lost, .stopped, .hostFault(.exhausted)].contains(self) }
    }

    private static let firstServerError: UInt32 = 1_000

    /// What the error says of the statement that it ended.
    var meaning: Meaning {
        if self == .deadlineExceeded { return .outOfTime }
        // The server's own file errors (mysys), such as 3, no space left for the binary log: below all others. They
        // can come with the commit.
        if code.rawValue < Self.firstServerError { return .stopped }
        return switch Int32(code.rawValue) {
        case CR_CONNECTION_ERROR, CR_CONN_HOST_ERROR, CR_UNKNOWN_HOST, CR_IPSOCK_ERROR, CR_SOCKET_CREATE_ERROR,
            CR_SERVER_GONE_ERROR, CR_SERVER_LOST, CR_SERVER_LOST_EXTENDED, CR_SERVER_HANDSHAKE_ERR,
            CR_SSL_CONNECTION_ERROR, CR_COMMANDS_OUT_OF_SYNC, CR_ERR_NET_READ, CR_ERR_NET_WRITE,
            ER_SERVER_SHUTDOWN, ER_NORMAL_SHUTDOWN, ER_CONNECTION_KILLED, ER_ABORTING_CONNECTION,
            ER_NEW_ABORTING_CONNECTION, ER_NET_READ_ERROR, ER_NET_READ_INTERRUPTED, ER_NET_ERROR_ON_WRITE,
            ER_NET_WRITE_INTERRUPTED, ER_NET_PACKETS_OUT_OF_ORDER,
            // Whether a cluster has taken the commit that fails with this is not known.
            ER_ERROR_DURING_COMMIT:
            .lost
        case ER_QUERY_INTERRUPTED, ER_STATEMENT_TIMEOUT:
            .stopped
        case ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK, ER_CHECKREAD, ER_LOCK_TABLE_FULL, ER_CANT_UPDATE_WITH_READLOCK:
            .undone
        case ER_NEED_REPREPARE, ER_UNKNOWN_STMT_HANDLER, CR_NO_PREPARE_STMT, CR_STMT_CLOSED:
            .stale
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
            .refused
        }
    }

    /// What an error in making a connection says of the host.
    ///
    /// - Parameter isSilent: the host was waited for in vain, for as long as it is at the most.
    func faultInConnecting(isSilent: Bool) -> HostFault {
        let kind: HostFault.Kind =
            switch meaning {
            case .lost: isSilent ? .silent : .unreachable
            case .hostFault(let kind): kind
            default: .denied
            }
        return HostFault(kind, self)
    }

    /// What the failure says of the database as a whole.
    public var kind: Kind {
        switch meaning {
        case .lost, .hostFault(.full), .hostFault(.denied): .connection
        case .refused: .statement
        default: .interrupted
        }
    }
}
