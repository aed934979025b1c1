import Foundation
import KeybearerParserDifferential

/// Random requests for the parser beside SwiftNIO's, in an optimized build.
///
///     keybearer-parser-fuzz [INPUTS (1,000,000)] [SEED (random)]
///
/// Ends with 1 where the parsers disagree, or where so little was taken that agreement shows nothing.
@main
enum ParserFuzz {
    static func main() {
        let words = CommandLine.arguments.dropFirst()
        let wanted = words.first.map { Int($0) } ?? 1_000_000
        let seed = words.dropFirst().first.map { UInt64($0) } ?? UInt64.random(in: 0 ... .max)
        guard let wanted, wanted > 0, let seed, words.count <= 2 else {
            FileHandle.standardError.write(Data("keybearer-parser-fuzz [INPUTS] [SEED]\n".utf8))
            exit(2)
        }
        var differential = ParserDifferential(seed: seed)
        let start = ContinuousClock.now
        while differential.inputs < wanted, differential.disagreements.count < 10 { differential.tryNext() }
        for disagreement in differential.disagreements { print(disagreement) }
        print(differential.summary + ", \((ContinuousClock.now - start).components.seconds) s")
        if !differential.disagreements.isEmpty || !differential.isTelling { exit(1) }
    }
}
