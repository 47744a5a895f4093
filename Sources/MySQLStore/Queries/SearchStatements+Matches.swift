// Where messages contain what was searched for: by the rule of LIKE, but in the service.

extension SearchStatements {
    /// The matches of a text in each message of a page; nil: of none.
    func matches(of text: String?, in page: MessagePage) throws(DatabaseError) -> [SearchPage.Match] {
        guard let text else { return page.messages.map { _ in SearchPage.Match(content: [], fileName: []) } }
        let texts = page.messages.map { ($0.content.string(in: page), $0.fileName?.string(in: page)) }
        var points = Set(text.unicodeScalars.map(\.value))
        for (content, fileName) in texts {
            points.formUnion(content.unicodeScalars.lazy.map(\.value))
            if let fileName { points.formUnion(fileName.unicodeScalars.lazy.map(\.value)) }
        }
        let alike = AlikeCharacters(of: text, try CharacterWeights.shared.weights(of: points, weights))
        let matcher = TextMatcher(alike.text)
        func ranges(_ text: String) -> [Range<Int>] {
            matcher.ranges(in: text.unicodeScalars) { alike.classes[$0] ?? -1 }
        }
        return texts.map { content, fileName in
            SearchPage.Match(content: ranges(content), fileName: fileName.map(ranges) ?? [])
        }
    }

    /// Those of the messages that contain a text, as far as the user may read them; nil: any text. It takes a time in
    /// proportion to their length, which LIKE does not: that compares the whole text at each place of a message.
    func hits(
        _ hits: [SearchHit],
        containing text: String?,
        for userID: Int64
    ) throws(DatabaseError) -> (hits: [SearchHit], read: SearchPace.ReadContents) {
        guard let text, !hits.isEmpty else { return (hits, SearchPace.ReadContents()) }
        let (rows, texts) = try messages.rowsAndTexts(jsonArray(hits.map(\.position.id)), userID)
        let page = MessagePage(of: 0, rows.map(\.message), texts: texts, hasMore: false)
        let found = zip(rows, try matches(of: text, in: page)).filter { !$1.content.isEmpty || !$1.fileName.isEmpty }
        let ids = Set(found.map(\.0.id))
        return (
            hits.filter { ids.contains($0.position.id) },
            SearchPace.ReadContents(messages: rows.count, bytes: texts.count, textLength: text.unicodeScalars.count)
        )
    }
}

/// The characters that are like those of a text, in classes.
private struct AlikeCharacters {
    /// The classes of the text's characters.
    var text: [Int32] = []
    /// The classes of all characters that are like one of them.
    var classes: [UInt32: Int32] = [:]

    init(of text: String, _ weights: [UInt32: CharacterWeights.Weight]) {
        var classesOfWeights: [CharacterWeights.Weight: Int32] = [:]
        for scalar in text.unicodeScalars {
            guard let weight = weights[scalar.value] else { continue }
            let known = classesOfWeights[weight] ?? Int32(classesOfWeights.count)
            classesOfWeights[weight] = known
            self.text.append(known)
        }
        for (point, weight) in weights {
            if let known = classesOfWeights[weight] { classes[point] = known }
        }
    }
}

extension PageText {
    fileprivate func string(in page: MessagePage) -> String {
        String(decoding: page.texts[range], as: UTF8.self)
    }
}
