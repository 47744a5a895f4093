/// Why a request's token is not accepted. Each is a 401, with a text of its own.
enum TokenError: Error, Hashable {
    /// There is no Authorization header, or it has another scheme than Bearer.
    case missing
    /// It is no JSON Web Token with a valid signature and the claims that this service needs.
    case invalid
    /// `exp` has passed.
    case expired
    /// `nbf` is still to come.
    case notYetValid
}
