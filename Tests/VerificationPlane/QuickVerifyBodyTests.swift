import KeybearerAPI
import Testing

@testable import KeybearerVerificationPlane

/// The quick reader of verify bodies has no opinion of its own: whatever it takes, the strict parser takes, and reads
/// the same from it.
@Suite struct QuickVerifyBodyTests {
    private static let names = [
        #""key""#, #""permission""#, #""ip""#, #""cost""#, #""key_sha256""#, #""other""#, "key",
    ]
    private static let values = [
        #""sk_1""#, #""a b""#, #""""#, #""\u0061""#, #""é""#, "0", "1", "007", "-1", "1.0", "1e2", "9999", "10000",
        "null",
        "true", "[]", "{}", #"{"key":"x"}"#, "\"a\u{1}\"", #""a\"b""#,
    ]
    private static let spaces = ["", "", "", " ", "\n", "\r\n", "\t", "\u{a0}"]

    private static func body(_ random: inout SplitMix64) -> String {
        func space() -> String { spaces.randomElement(using: &random) ?? "" }
        let members = (0..<Int.random(in: 0...4, using: &random)).map { _ in
            space() + (names.randomElement(using: &random) ?? "") + space() + ":" + space()
                + (values.randomElement(using: &random) ?? "")
        }
        var text = space() + "{" + members.joined(separator: space() + ",") + space() + "}" + space()
        if Int.random(in: 0..<4, using: &random) == 0 {
            let position = text.indices.randomElement(using: &random) ?? text.startIndex
            text.remove(at: position)
        }
        return text
    }

    private static func tree(_ text: String) -> [String: JSON]? {
        guard case .object(let object)? = try? JSON.parse(text.utf8) else { return nil }
        return Dictionary(object.members.map { ($0.key, $0.value) }) { first, _ in first }
    }

    private static func isSame(_ quick: QuickVerifyBody, _ tree: [String: JSON]) -> Bool {
        func text(_ view: ByteView?) -> JSON? { view.map { .string(String(decoding: $0, as: UTF8.self)) } }
        var expected: [String: JSON] = [:]
        expected["key"] = text(quick.key)
        expected["permission"] = text(quick.permission)
        expected["ip"] = text(quick.ip)
        let cost = tree["cost"]?.integerValue ?? 1
        return tree.filter { $0.key != "cost" } == expected && cost == Int64(quick.cost)
    }

    @Test func `A20 what the quick reader takes, the strict one reads the same`() throws {
        var random = SplitMix64(state: UInt64.random(in: 0 ... .max))
        var taken = 0
        for _ in 0..<50_000 {
            let text = Self.body(&random)
            Array(text.utf8).withUnsafeBufferPointer { bytes in
                guard let quick = QuickVerifyBody(bytes) else { return }
                taken += 1
                guard let tree = Self.tree(text), Self.isSame(quick, tree) else {
                    Issue.record("\(text.debugDescription) was taken")
                    return
                }
            }
        }
        #expect(taken > 2_000)
    }

    @Test func `A20 the same for batches, one after the other`() throws {
        var random = SplitMix64(state: UInt64.random(in: 0 ... .max))
        var taken = 0
        for _ in 0..<20_000 {
            let bodies = (0..<Int.random(in: 0...3, using: &random)).map { _ in Self.body(&random) }
            let text = #"{"requests":["# + bodies.joined(separator: ",") + "]}"
            try Array(text.utf8).withUnsafeBufferPointer { bytes in
                guard let quick = QuickVerifyBody.batch(bytes, most: 100) else { return }
                taken += 1
                guard case .array(let items)? = Self.tree(text)?["requests"] else {
                    Issue.record("\(text.debugDescription) was taken")
                    return
                }
                try #require(items.count == quick.count)
                for (one, body) in zip(quick, bodies) {
                    #expect(Self.tree(body).map { Self.isSame(one, $0) } == true, "\(body)")
                }
            }
        }
        #expect(taken > 200)
    }
}
