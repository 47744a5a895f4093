// What libFuzzer calls, and which of the targets it is passed on to.

import Glibc

/// A piece of the service that is fed with bytes, under a name that scripts/fuzz knows it by.
///
/// A property that does not hold ends the process: libFuzzer keeps the input then.
struct FuzzTarget: Sendable {
    var name: String
    /// Once, before the first input.
    var start: @Sendable () -> Void = {}
    /// Feeds it with one input.
    var feed: @Sendable (UnsafeRawBufferPointer) -> Void
}

private let targets = [
    RequestGateTarget.target, JSONObjectTarget.target, TokenVerifierTarget.target, SettingsTarget.target,
    RowReaderTarget.target,
]

/// The one that FUZZ_TARGET names.
private let chosen: FuzzTarget = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = targets.first(where: { $0.name == name }) else {
        print("FUZZ_TARGET must be one of: \(targets.map(\.name).joined(separator: " "))")
        exit(2)
    }
    target.start()
    return target
}()

/// libFuzzer's entry for one input (https://llvm.org/docs/LibFuzzer.html#fuzz-target).
@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    chosen.feed(UnsafeRawBufferPointer(start: start, count: count))
    return 0
}

/// Ends the process where a property does not hold.
func expect(_ property: Bool, _ what: @autoclosure () -> String) {
    if !property { fatalError(what()) }
}

/// Decisions that are taken from an input's bytes, one after the other; zeros behind its end.
struct FuzzInput {
    private(set) var rest: UnsafeRawBufferPointer.SubSequence

    init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes[...]
    }

    var isEmpty: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 {
        rest.popFirst() ?? 0
    }

    /// From 0 to one below the limit, which is 65,536 at the most.
    mutating func number(below limit: Int) -> Int {
        limit <= 256 ? Int(byte()) % limit : (Int(byte()) << 8 | Int(byte())) % limit
    }

    mutating func integer() -> Int64 {
        (0..<8).reduce(0) { number, _ in number << 8 | Int64(byte()) }
    }

    /// So many bytes, or those that are left.
    mutating func bytes(_ count: Int) -> [UInt8] {
        let taken = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        return taken
    }
}
