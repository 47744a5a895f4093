// #expect, which cannot call a mutating function itself.

import Testing

/// #expect, for a condition that changes what it looks at.
func expect(_ condition: Bool, at location: SourceLocation = #_sourceLocation) {
    #expect(condition, sourceLocation: location)
}
