// The way of one call of a search through all conversations of a user.

/// The next conversations of a walk, in its order.
struct SearchList {
    var conversations: [SearchListRow.Listed] = []
    /// The last one that was listed, which need not be among them; nil: there was none.
    var last: SearchListRow.Listed?
    /// Whether none comes behind it.
    var isLast = false
}

extension SearchWalk {
    /// Searches all conversations of the user.
    mutating func runOverAll() throws(StoreError) {
        let beginsHere = cursor.start == 0
        // The first list tells whether the user may call the API.
        var list = try nextList()
        try searchInside()
        var isFirst = true
        while cursor.inside == nil, try search(list) {
            if list.isLast {
                // One list that is searched whole in one call is of one moment: nothing can have moved past it.
                guard case .byActivity = cursor.walk, !(beginsHere && isFirst) else {
                    isFinished = true
                    break
                }
                cursor.walk = .again(below: .max)
            }
            isFirst = false
            guard mayGoOn else { break }
            list = try nextList()
        }
        cursor.step = pace.stepToKeep
    }

    /// Searches the conversations of a list; gives whether all of them were searched.
    private mutating func search(_ list: SearchList) throws(StoreError) -> Bool {
        var rest = list.conversations[...]
        while let first = rest.first {
            guard mayGoOn else { return false }
            if first.isLarge || pace.isSlow {
                cursor.inside = SearchCursor.Inside(conversation: first.id, before: .end)
                cursor.pass(first)
                try searchInside()
                guard cursor.inside == nil else { return false }
                rest.removeFirst()
                continue
            }
            let together = Array(rest.prefix { !$0.isLarge })
            let (statements, target) = (statements, target)
            let found = try unlessStopped { () throws(DatabaseError) in
                try statements.hits(of: target, in: together.map(\.id))
            }
            guard let found else { continue }
            pace.count(together.count * SearchSQL.smallConversation)
            guard take(found, of: together) else { return false }
            rest.removeFirst(together.count)
        }
        if let last = list.last { cursor.pass(last) }
        return true
    }

    /// Takes as many of the messages as there is room for; gives whether that is all of them.
    private mutating func take(_ found: [SearchHit], of conversations: [SearchListRow.Listed]) -> Bool {
        let places = Dictionary(uniqueKeysWithValues: conversations.enumerated().map { ($1.id, $0) })
        let sorted = found.sorted { one, other in
            let (place, otherPlace) = (places[one.conversation] ?? 0, places[other.conversation] ?? 0)
            return place == otherPlace ? one.position > other.position : place < otherPlace
        }
        let isCut = found.count > room
        let taken = sorted.prefix(room)
        add(taken)
        guard isCut, let last = taken.last, let place = places[last.conversation] else {
            if let last = conversations.last { cursor.pass(last) }
            return true
        }
        cursor.inside = SearchCursor.Inside(conversation: last.conversation, before: last.position)
        cursor.pass(conversations[place])
        return false
    }

    /// Reads the conversations that come next.
    private mutating func nextList() throws(StoreError) -> SearchList {
        let (statements, userID, since) = (statements, userID, cursor.activeSince)
        let limit = Int64(pace.conversations)
        let walk = cursor.walk
        let rows = try withStoreErrors { () throws(DatabaseError) -> [SearchListRow] in
            switch walk {
            case .oneConversation: []
            case .byActivity(let below):
                try statements.byActivity.rows(
                    userID,
                    below.time,
                    below.time,
                    below.conversation,
                    limit,
                    userID
                )
            case .again(let below): try statements.again.rows(userID, since, below, limit, userID)
            }
        }
        let now = try checkUser(rows.first).now
        if cursor.start == 0 { cursor.start = now }
        var listed = rows.compactMap(\.listed)
        if case .again = walk {
            listed.sort { $0.id > $1.id }
        } else {
            listed.sort { ($0.activity, $0.id) > ($1.activity, $1.id) }
            cursor.note(listed)
        }
        return SearchList(
            conversations: listed.filter { !cursor.needsNoSecondLook($0) },
            last: listed.last,
            isLast: listed.count < limit
        )
    }
}

extension SearchCursor {
    /// The walk has passed a conversation.
    fileprivate mutating func pass(_ conversation: SearchListRow.Listed) {
        switch walk {
        case .oneConversation: break
        case .byActivity: walk = .byActivity(below: .init(time: conversation.activity, conversation: conversation.id))
        case .again: walk = .again(below: conversation.id)
        }
    }

    /// Notes which conversations the walk along activity finds active about when the search began.
    fileprivate mutating func note(_ listed: [SearchListRow.Listed]) {
        let since = activeSince
        for each in listed where each.activity >= since && told.count < Self.toldLimit {
            told.append(Told(conversation: each.id, activity: each.activity))
        }
    }

    /// Whether the conversation is listed for a second time, and has not been active since the first.
    fileprivate func needsNoSecondLook(_ conversation: SearchListRow.Listed) -> Bool {
        guard case .again = walk else { return false }
        return told.contains(Told(conversation: conversation.id, activity: conversation.activity))
    }
}
