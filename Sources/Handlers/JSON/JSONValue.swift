/// A value of a JSON text (RFC 8259). No key of this API has an array or an object as its value: the parser checks
/// their syntax, and drops their content.
enum JSONValue: Hashable {
    case null
    case boolean(Bool)
    case number(JSONNumber)
    case string(String)
    case array
    case object
}
