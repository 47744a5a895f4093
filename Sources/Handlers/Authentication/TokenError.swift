// Why a request's token is not accepted.

/// All of them are the same status to the caller, 401, with a text of its own.
enum TokenError: Error, Hashable {
    /// No Authorization header, or one of another scheme than Bearer.
    case missing
    /// Not a JSON Web Token with a good signature and the claims that this service wants.
    case invalid
    /// `exp` has passed.
    case expired
    /// `nbf` is still to come.
    case notYetValid
}
