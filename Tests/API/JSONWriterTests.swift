import Testing

@testable import KeybearerAPI

@Suite struct JSONWriterTests {
    @Test func `members keep their order and nothing is added between them`() {
        let json: JSON = ["z": 1, "a": [true, nil, 2.5], "m": ["x": "y"]]
        #expect(json.serializedText == #"{"z":1,"a":[true,null,2.5],"m":{"x":"y"}}"#)
    }

    @Test func `A35 no control character leaves unescaped`() {
        for value in Array(0x00...0x1f) + Array(0x7f...0x9f) + [0x2028, 0x2029] {
            guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
            let bytes = JSON.string("a" + String(scalar)).serialized()
            #expect(bytes.allSatisfy { (0x20...0x7e).contains($0) }, "U+\(String(value, radix: 16))")
            #expect(reasonOfRefusal(bytes) == nil)
        }
        #expect(JSON.string("\r\n\u{1b}[31m").serializedText == #""\r\n\u001b[31m""#)
    }

    @Test func `quotation marks and backslashes cannot end a string early, in keys either`() {
        let json: JSON = [#"a":1,"b"#: #"\",""#]
        #expect(json.serializedText == #"{"a\":1,\"b":"\\\",\""}"#)
    }

    @Test func `a number that JSON cannot write is null`() {
        #expect(
            JSON.array([.number(.infinity), .number(.nan), .number(-.infinity)]).serializedText
                == "[null,null,null]")
    }

    @Test func `texts are equal by their bytes, not by canonical equivalence`() {
        #expect(JSON.string("é") != JSON.string("e\u{301}"))
        let object: JSONObject = ["é": 1]
        #expect(object["e\u{301}"] == nil)
        #expect(object["é"] == 1)
    }

    @Test func `setting a member keeps its place and setting nil removes it`() {
        var object: JSONObject = ["a": 1, "b": 2]
        object["a"] = 3
        object["c"] = 4
        object["b"] = nil
        #expect(object == ["a": 3, "c": 4])
        #expect(object != ["c": 4, "a": 3])
    }
}
