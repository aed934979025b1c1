/// `name=value&name=value`, in a query or an `application/x-www-form-urlencoded` body, decoded once.
struct FormFields: Sendable {
    private(set) var members: [(name: [UInt8], value: [UInt8])] = []
    /// False where some percent sign is not followed by two hexadecimal digits; that member is left out.
    private(set) var isWellFormed = true

    init(_ text: some Collection<UInt8>) {
        for part in Array(text).split(separator: UInt8(ascii: "&")) {
            let name = part.prefix { $0 != UInt8(ascii: "=") }
            if let decodedName = Self.decode(name), let value = Self.decode(part[name.endIndex...].dropFirst()) {
                members.append((decodedName, value))
            } else {
                isWellFormed = false
            }
        }
    }

    private static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var decoded: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): decoded.append(HTTPSyntax.space)
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(HTTPSyntax.hexValue),
                    let low = rest.popFirst().flatMap(HTTPSyntax.hexValue)
                else { return nil }
                decoded.append(high << 4 | low)
            default: decoded.append(byte)
            }
        }
        return decoded
    }
}
