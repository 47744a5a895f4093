/// A message that was sent.
public struct SentMessage {
    /// The message as it was stored, by this send or by an earlier one with the same key.
    public var message: Message<String>
    /// Whether an earlier send with the same key had stored it.
    public var isDuplicate: Bool
    /// Whether its sender has recalled it since. Its content is empty then.
    public var isRecalled: Bool
}
