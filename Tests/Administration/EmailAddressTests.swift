import KeybearerAdministration
import Testing

@Suite struct `E-mail addresses` {
    @Test(arguments: ["ana@tern.example", "a@b", "x+y_z.w@tern.example", "!$&'*=^`{|}~@x"])
    func `are taken as they are`(text: String) {
        #expect(EmailAddress(text)?.description == text)
    }

    @Test func `are one whatever their capitals`() {
        #expect(EmailAddress("Ana@TERN.Example")?.description == "ana@tern.example")
    }

    @Test(arguments: [
        "", "a@", "@b", "ab", "a@@b", "a@b@c", "a@.b", "a@b.", "a b@c", "a@b\u{7f}", "zoë@tern.example", "a\"@b",
        "a(@b",
        "a)@b", "a,@b", "a:@b", "a;@b", "a<@b", "a>@b", "a[@b", "a\\@b", "a]@b", "a%@b", "a/@b", "a?@b", "a#@b",
        "a\n@b",
        "\(String(repeating: "a", count: 65))@b", "a@\(String(repeating: "b", count: 253))",
    ])
    func `that could be read as something else are none`(text: String) {
        #expect(EmailAddress(text) == nil)
    }

    @Test func `have 64 bytes before the at sign at most, and 254 in all`() {
        let local = String(repeating: "a", count: 64)
        #expect(EmailAddress("\(local)@\(String(repeating: "b", count: 189))") != nil)
        #expect(EmailAddress("\(local)@\(String(repeating: "b", count: 190))") == nil)
    }
}
