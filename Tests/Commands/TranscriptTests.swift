import Foundation
import KeybearerTestHarness
import Testing

/// Sessions at a terminal against a real server. `KEYBEARER_TRANSCRIPTS=record` writes down what is printed now, to be
/// read before it is committed.
@Suite struct Transcripts {
    @Test(arguments: try Transcript.names)
    func `Z6 Z7 what a terminal shows`(name: String) async throws {
        let stage = try await Stage()
        var transcript = try Transcript(name)
        let isRecording = ProcessInfo.processInfo.environment["KEYBEARER_TRANSCRIPTS"] == "record"
        for index in transcript.steps.indices {
            let step = transcript.steps[index]
            let lines = Transcript.lines(try stage.run(step.command))
            if isRecording {
                transcript.steps[index].expected = lines
            } else {
                #expect(lines == step.expected, "\(name): $ \(step.command)")
            }
        }
        #expect(!transcript.steps.isEmpty)
        if isRecording { try transcript.text.write(to: transcript.url, atomically: true, encoding: .utf8) }
    }
}
