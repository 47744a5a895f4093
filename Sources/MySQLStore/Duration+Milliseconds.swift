// Durations as the numbers that libmariadb and the server take.

extension Duration {
    /// Whole milliseconds, what is left over dropped.
    var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
