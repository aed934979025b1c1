import KeybearerAPI
import KeybearerParserDifferential
import Testing

@testable import KeybearerVerificationPlane

/// The quick reader of verify bodies has no opinion of its own: whatever it takes, the strict parser takes, and reads
/// the same from it.
@Suite struct QuickVerifyBodyTests {
    /// Members as callers write them, and the odd one.
    private static let usual = [
        #""key":"sk_1""#, #""permission":"project:read""#, #""ip":"203.0.113.9""#, #""cost":0"#, #""cost":12"#,
        #""key" : "a b""#, #""ip":"""#, #""cost": 9999"#,
    ]
    private static let odd = [
        #""key_sha256":"00""#, #""other":1"#, #"key:"a""#, #""key":null"#, #""key":"\u0061""#, #""key":"é""#,
        #""cost":007"#, #""cost":-1"#, #""cost":1.0"#, #""cost":1e2"#, #""cost":10000"#, #""cost":"1""#,
        #""ip":["a"]"#, #""permission":{"key":"x"}"#, "\"key\":\"a\u{1}\"", #""key":"a\"b""#,
    ]
    private static let spaces = ["", "", "", "", " ", "\n", "\r\n", "\t"]

    private static func body(_ random: inout SplitMix64) -> String {
        var text = "{"
        for number in 0..<Int.random(in: 1...3, using: &random) {
            let isOdd = Int.random(in: 0..<8, using: &random) == 0
            if number > 0 { text += "," }
            text += spaces.randomElement(using: &random) ?? ""
            text += (isOdd ? odd : usual).randomElement(using: &random) ?? ""
            text += spaces.randomElement(using: &random) ?? ""
        }
        text += "}"
        if Int.random(in: 0..<6, using: &random) == 0 {
            let position = text.indices.randomElement(using: &random) ?? text.startIndex
            text.remove(at: position)
        }
        return text
    }

    private static func tree(_ text: String) -> [String: JSON]? {
        (try? JSON.parse(text.utf8)).flatMap(members)
    }

    private static func members(_ json: JSON) -> [String: JSON]? {
        guard case .object(let object) = json else { return nil }
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
                for (one, item) in zip(quick, items) {
                    #expect(Self.members(item).map { Self.isSame(one, $0) } == true, "\(text.debugDescription)")
                }
            }
        }
        #expect(taken > 200)
    }
}
