// The name that other users are shown.

enum DisplayName {
    /// The nickname, or else 用户 ("user") and the id: others must not see an e-mail address.
    static func of(userID: Int64, nickname: String?) -> String {
        guard let nickname, !nickname.isEmpty else { return "用户\(userID)" }
        return nickname
    }
}
