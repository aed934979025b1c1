import KeybearerAPI

/// SplitMix64: the same seed gives the same run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

enum RandomJSON {
    static func value(depth: Int, using random: inout SeededGenerator) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
        case 0: .null
        case 1: .bool(.random(using: &random))
        case 2:
            .integer(Int64(truncatingIfNeeded: random.next()) >> Int64.random(in: 0..<64, using: &random))
        case 3: .number(Double.random(in: -1e6...1e6, using: &random))
        case 4, 5: .string(text(using: &random))
        case 6:
            .array(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    value(depth: depth - 1, using: &random)
                })
        default: object(depth: depth - 1, using: &random)
        }
    }

    private static func object(depth: Int, using random: inout SeededGenerator) -> JSON {
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            object[text(using: &random)] = value(depth: depth, using: &random)
        }
        return .object(object)
    }

    static func text(using random: inout SeededGenerator) -> String {
        let ranges: [ClosedRange<UInt32>] = [
            0...0x1f, 0x20...0x7e, 0x20...0x7e, 0x7f...0x9f, 0xa0...0xd7ff, 0xe000...0x10ffff,
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0...8, using: &random) {
            guard let range = ranges.randomElement(using: &random),
                let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random))
            else { continue }
            text.unicodeScalars.append(scalar)
        }
        return text
    }

    /// The value with random white space between its tokens and random characters of its strings escaped.
    static func spelling(of value: JSON, using random: inout SeededGenerator) -> [UInt8] {
        var output = space(using: &random)
        switch value {
        case .array(let elements):
            output += "[".utf8
            for (index, element) in elements.enumerated() {
                if index > 0 { output += ",".utf8 }
                output += spelling(of: element, using: &random)
            }
            output += space(using: &random) + "]".utf8
        case .object(let object):
            output += "{".utf8
            for (index, member) in object.members.enumerated() {
                if index > 0 { output += ",".utf8 }
                output += spelling(of: .string(member.key), using: &random) + ":".utf8
                output += spelling(of: member.value, using: &random)
            }
            output += space(using: &random) + "}".utf8
        case .string(let text): output += escaped(text, using: &random)
        default: output += value.serialized()
        }
        return output + space(using: &random)
    }

    private static func space(using random: inout SeededGenerator) -> [UInt8] {
        (0..<max(0, Int.random(in: -3...2, using: &random))).compactMap { _ in
            ([0x20, 0x09, 0x0a, 0x0d] as [UInt8]).randomElement(using: &random)
        }
    }

    private static func escaped(_ text: String, using random: inout SeededGenerator) -> [UInt8] {
        var output = "\""
        for scalar in text.unicodeScalars {
            if scalar.value >= 0x20, scalar != "\"", scalar != "\\", Bool.random(using: &random) {
                output.unicodeScalars.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random))
                output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return Array((output + "\"").utf8)
    }

    /// The places in a compact text at which a structural character stands.
    static func tokenBoundaries(of text: [UInt8]) -> [Int] {
        var places: [Int] = []
        var isInString = false
        var isEscaped = false
        for (index, byte) in text.enumerated() {
            if isEscaped {
                isEscaped = false
            } else if isInString {
                if byte == UInt8(ascii: "\\") { isEscaped = true }
                if byte == UInt8(ascii: "\"") { isInString = false }
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            } else if "{}[]:,".utf8.contains(byte) {
                places.append(index)
            }
        }
        return places
    }
}
