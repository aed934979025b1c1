import Testing

@testable import KeybearerAdministration

@Suite struct `Secrets` {
    /// Counts up, so that every byte it gives is told from the others.
    private struct Counting: RandomNumberGenerator {
        var state: UInt64 = 0x0706_0504_0302_0100

        mutating func next() -> UInt64 {
            defer { state += 0x0808_0808_0808_0808 }
            return state.littleEndian
        }
    }

    @Test(arguments: [0, 1, 7, 8, 9, 28, 32])
    func `H5 have as many random bytes as are asked for, each drawn once`(_ count: Int) {
        var random = Counting()
        #expect(Secret.bytes(count, using: &random) == (0..<UInt8(count)).map { $0 })
    }
}
