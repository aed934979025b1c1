import Testing

@testable import KeybearerAPI

@Suite struct ObjectReaderTests {
    private func reader(_ text: String) throws -> ObjectReader { try Body.parse(Array(text.utf8)) }

    private func error(_ body: () throws -> Void) throws -> BodyError {
        try #require(throws: BodyError.self, performing: body)
    }

    @Test func `an absent body is an empty object, white space is not`() throws {
        try Body.parse([UInt8]()).finish()
        let error = try error { _ = try reader(" ") }
        #expect(error.status == 400)
        #expect(error.code == "malformed_json")
        #expect(error.errors.isEmpty)
    }

    @Test(arguments: ["[]", "null", "1", #""{}""#, "true"])
    func `a body that is not an object is invalid_type at the empty pointer`(text: String) throws {
        let error = try error { _ = try reader(text) }
        #expect(error.status == 422)
        #expect(error.code == "invalid_type")
        #expect(error.errors.map(\.pointer) == [""])
    }

    @Test(arguments: [
        #"{"n":"1"}"#, #"{"n":1.0}"#, #"{"n":1e2}"#, #"{"n":true}"#, #"{"n":9223372036854775808}"#,
        #"{"n":null}"#,
    ])
    func `an integer is written as one`(text: String) throws {
        let error = try error {
            var reader = try reader(text)
            _ = try reader.integer("n")
        }
        #expect(error.code == "invalid_type")
        #expect(error.errors.first?.pointer == "/n")
    }

    @Test func `the pointer leads into arrays, nested objects and escaped names`() throws {
        func pointer(_ text: String, _ read: (inout ObjectReader) throws -> Void) throws -> String? {
            try error {
                var reader = try reader(text)
                try read(&reader)
            }.errors.first?.pointer
        }
        #expect(try pointer(#"{"a":["x",2]}"#) { _ = try $0.strings("a") } == "/a/1")
        #expect(try pointer(#"{"a":"x"}"#) { _ = try $0.strings("a") } == "/a")
        #expect(try pointer(#"{"l":{"a/b~c":1}}"#) { _ = try $0.labels("l") } == "/l/a~1b~0c")
        #expect(
            try pointer(#"{"f":{"x":1}}"#) { reader in
                var nested = try reader.object("f")
                _ = try nested?.string("x")
            } == "/f/x")
        #expect(
            try pointer(#"{"r":[{},{"y":1}]}"#) { reader in
                for nested in try reader.objects("r") ?? [] { try nested.finish() }
            } == "/r/1/y")
    }

    @Test func `every unknown field is named, the first twenty of them`() throws {
        var reader = try reader(#"{"b":1,"name":"x","a":2}"#)
        _ = try reader.string("name")
        let both = try error { try reader.finish() }
        #expect(both.status == 422)
        #expect(both.code == "unknown_field")
        #expect(both.errors.map(\.pointer) == ["/b", "/a"])
        let many = try self.reader("{" + (0..<5000).map { #""\#($0)":0"# }.joined(separator: ",") + "}")
        #expect(try error { try many.finish() }.errors.count == 20)
    }

    @Test func `A21 a name in another normal form is another name`() throws {
        var reader = try reader(#"{"cafe\u0301":"x"}"#)
        #expect(try reader.string("café") == nil)
        #expect(try error { try reader.finish() }.code == "unknown_field")
    }

    @Test func `absent, null and a value are told apart, null only where it means something`() throws {
        var reader = try reader(#"{"a":null,"b":"x"}"#)
        #expect(try reader.optionalField("a", nullable: true, as: String.self) == .null)
        #expect(try reader.optionalField("b", as: String.self) == .value("x"))
        #expect(try reader.optionalField("c", as: String.self) == .absent)
        #expect(try error { _ = try reader.optionalField("a", as: String.self) }.code == "invalid_type")
        #expect(reader.isPresent("a") && !reader.isPresent("c"))
    }

    @Test func `a required field that is absent is named`() throws {
        let error = try error { _ = try Body.read(Array(#"{"email":"x"}"#.utf8), as: SignInBody.self) }
        #expect(error.code == "required")
        #expect(error.status == 422)
        #expect(error.errors.map(\.pointer) == ["/password"])
    }

    @Test func `no error repeats what was sent`() throws {
        let error = try error {
            _ = try Body.read(
                Array(#"{"email":["hunter2"],"password":"hunter2"}"#.utf8), as: SignInBody.self)
        }
        #expect(!error.problem.json(requestID: "req_1").serializedText.contains("hunter2"))
    }

    @Test func `labels keep their order and their bytes`() throws {
        var reader = try reader(#"{"l":{"z":"1","a":"\u0000"}}"#)
        #expect(
            try reader.labels("l") == [
                LabelField(key: "z", value: "1"), LabelField(key: "a", value: "\0"),
            ])
    }
}

@Suite struct ProblemTests {
    @Test func `the members are those of RFC 9457, the code's own before the errors`() {
        let problem = Problem(
            status: 403, code: "quota_exceeded", detail: "All 5 keys are in use.",
            errors: [FieldError(pointer: "/name", code: "invalid_name", detail: "x")],
            extensions: ["quota": QuotaResource(activeKeys: 5, limit: 5, plan: "starter").json])
        #expect(
            problem.json(requestID: "req_1").serializedText
                == #"{"type":"/problems/quota_exceeded","title":"Quota exceeded","status":403,"#
                + #""detail":"All 5 keys are in use.","code":"quota_exceeded","request_id":"req_1","#
                + #""quota":{"active_keys":5,"limit":5,"plan":"starter"},"#
                + #""errors":[{"pointer":"/name","code":"invalid_name","detail":"x"}]}"#)
    }

    @Test func `errors are left out where there are none`() {
        #expect(
            Problem(status: 404, code: "not_found", detail: "x").json(requestID: "r")["errors"] == nil)
    }

    @Test(arguments: [
        ("invalid_api_key", "Invalid API key"), ("ip_not_allowed", "IP not allowed"),
        ("not_found", "Not found"),
        ("cidr_not_accepted", "CIDR not accepted"), ("malformed_json", "Malformed JSON"),
        ("too_many_ips", "Too many IPs"),
    ])
    func `the title is the code in words`(code: String, title: String) {
        #expect(Problem(status: 400, code: code, detail: "").title == title)
    }
}
