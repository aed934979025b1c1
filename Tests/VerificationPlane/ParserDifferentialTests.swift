import Foundation
import KeybearerParserDifferential
import Testing

/// Ten seconds of it; `make nightly` has ten million inputs by `keybearer-parser-fuzz`.
@Suite struct ParserDifferentialTests {
    @Test func `A17 what is taken is taken alike by NIO's parser`() throws {
        let environment = ProcessInfo.processInfo.environment
        let seed = environment["KEYBEARER_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max)
        var differential = ParserDifferential(seed: seed)
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end, differential.disagreements.count < 10 { differential.tryNext() }
        print(differential.summary)
        for disagreement in differential.disagreements { Issue.record("\(disagreement)") }
        #expect(differential.isTelling, "nearly everything is refused, so this shows little")
    }
}
