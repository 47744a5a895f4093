/// A member of a conversation, with the user's public profile.
public struct Member: Sendable {
    /// `orbia_user.id`.
    public var userID: Int64
    /// The user's nickname, where one is set.
    public var nickname: String?
    /// The user's avatar, where one is set.
    public var avatarURL: String?
    /// creator, member or admin.
    public var role: String
    /// Seconds since 1970.
    public var joinedAt: Int64?
    /// Milliseconds since 1970; nil where nothing was marked as read yet.
    public var lastReadAt: Int64?
}
