/// How the operator's own name and looks stand on the pages.
public struct Brand: Sendable {
    public let name: String
    /// nil shows Keybearer's own sign.
    public let logo: Asset?
    /// Where people find the operator's support; nil leaves it out.
    public let helpLink: String?
    /// Carries the colour; nil where the standard one is kept.
    public let style: Asset?

    public static let standard = Brand(name: "Keybearer", colour: nil, logo: nil, helpLink: nil)

    /// - Parameter colour: of buttons and marks; every text on it stays readable, since its ink is chosen for it.
    public init(name: String, colour: Colour?, logo: Asset?, helpLink: String?) {
        self.name = name
        self.logo = logo
        self.helpLink = helpLink
        style = colour.map { colour in
            let dark = colour.lightened
            let text = """
                :root{--brand:\(colour.hex);--brand-ink:\(colour.ink)}
                @media(prefers-color-scheme:dark){:root:not([data-theme="light"]){--brand:\(dark.hex);--brand-ink:\(dark.ink)}}
                :root[data-theme="dark"]{--brand:\(dark.hex);--brand-ink:\(dark.ink)}

                """
            return Asset("brand", "css", contentType: "text/css; charset=utf-8", bytes: Array(text.utf8))
        }
    }

    /// `#rrggbb`.
    public struct Colour: Sendable, Hashable {
        let red: Int
        let green: Int
        let blue: Int

        public init?(_ text: String) {
            let digits = Array(text.utf8.dropFirst())
            guard text.utf8.first == UInt8(ascii: "#"), digits.count == 6 else { return nil }
            var values: [Int] = []
            for index in stride(from: 0, to: 6, by: 2) {
                guard let value = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16),
                    digits[index] != UInt8(ascii: "+")
                else { return nil }
                values.append(Int(value))
            }
            (red, green, blue) = (values[0], values[1], values[2])
        }

        private init(red: Int, green: Int, blue: Int) { (self.red, self.green, self.blue) = (red, green, blue) }

        var hex: String {
            "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }

        /// Mixed with white until it stands out from a dark page by 4.5 to 1.
        var lightened: Colour {
            var colour = self
            while colour.luminance < 0.25 {
                colour = Colour(
                    red: colour.red + (255 - colour.red) / 8 + 1, green: colour.green + (255 - colour.green) / 8 + 1,
                    blue: colour.blue + (255 - colour.blue) / 8 + 1)
            }
            return colour
        }

        /// Black or white, whichever contrasts more.
        var ink: String { (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? "#000000" : "#ffffff" }

        /// Relative luminance of WCAG 2.2, with sRGB's curve taken as a square: close enough to choose an ink.
        private var luminance: Double {
            func linear(_ value: Int) -> Double { Double(min(value, 255)) / 255 * Double(min(value, 255)) / 255 }
            return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
        }
    }
}
