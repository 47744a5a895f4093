/// What a valid token says of its bearer.
struct VerifiedToken: Hashable {
    /// The user who bears it.
    var userID: Int64
    /// Whether it is good by another secret than the first alone: while the secret is changed, by the previous one.
    var isOfPreviousSecret: Bool
}
