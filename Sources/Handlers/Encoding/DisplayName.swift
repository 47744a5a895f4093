// What a user is called towards others.

enum DisplayName {
    /// The nickname, else 用户 ("user") and the id. Never an e-mail address.
    static func of(userID: Int64, nickname: String?) -> String {
        guard let nickname, !nickname.isEmpty else { return "用户\(userID)" }
        return nickname
    }
}
