import Testing

@testable import KeybearerConsole

@Suite struct `Escaping and marking` {
    /// Each is one `Character` that differs from the plain one, so that comparing characters would let it through.
    @Test(arguments: ["\u{301}", "\u{200d}", "\u{20dd}", "\u{fe0f}", "\u{e0100}"])
    func `A30 a mark behind a special character does not hide it`(mark: String) throws {
        let evil = "\"\(mark) onfocus=alert(1) x='\(mark)<\(mark)b>&\(mark)"
        let escaped = Markup.escaped(evil)
        for character in ["\"", "'", "<", ">"] as [Unicode.Scalar] {
            #expect(!escaped.unicodeScalars.contains(character))
        }
        #expect(escaped.utf8.starts(with: "&quot;".utf8))
    }

    @Test func `A30 templates escape by scalars too, in text, attributes, sections and partials`() throws {
        struct Page: Sendable {
            let title = "\"\u{301}<\u{301}script>"
            let paragraphs = ["'\u{301}<img src=x>"]
            let peopleLead = ""
            let people: [String] = []
            let hasPeople = false
            let links: [String] = []
            let problem: String? = nil
        }
        struct Frame: Sendable {
            let title = "\"\u{301}><script>"
            let brandName = "<\u{301}b>"
        }
        let html = String(
            decoding: try Templates().render("message", language: .english, frame: Frame(), page: Page()),
            as: UTF8.self)
        let scalars = Array(html.unicodeScalars)
        #expect(html.contains("&lt;img src=x&gt;"))
        #expect(html.contains("&quot;\u{301}&lt;\u{301}script&gt;"))
        // No special character of what people wrote is left as it was.
        for index in scalars.indices where scalars[index] == "\u{301}" {
            #expect(!["\"", "'", "<", ">"].contains(scalars[index - 1]))
        }
    }

    @Test func `code and strong text are marked, after escaping`() {
        #expect(Markup.inline("a `<b>` and **c & d**") == "a <code>&lt;b&gt;</code> and <strong>c &amp; d</strong>")
    }

    @Test func `a brand's colour is readable in both themes, and nothing else gets into its style`() throws {
        for text in ["#000000", "#ffffff", "#1f5fae", "#ffd400", "#7a0019"] {
            let colour = try #require(Brand.Colour(text))
            let brand = Brand(name: "x", colour: colour, logo: nil, helpLink: nil)
            let style = String(decoding: try #require(brand.style).bytes, as: UTF8.self)
            #expect(style.contains("--brand:\(text)"))
        }
        for text in ["red", "#fff", "#12345g", "#+12345", "#1234567", "1f5fae", "#1f5fae;}", ""] {
            #expect(Brand.Colour(text) == nil, "\(text)")
        }
    }
}
