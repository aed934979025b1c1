import KeybearerAPI

/// Findings in the Static Analysis Results Interchange Format 2.1.0, with the fields that GitHub's code scanning asks
/// for.
enum SARIF {
    /// GitHub refuses a file with more results in a run.
    static let mostResults = 25_000

    static func report(_ findings: [Finding], brand: Brand) -> JSON {
        [
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
            "runs": [
                [
                    "tool": [
                        "driver": [
                            "name": .string(brand.name), "version": .string(brand.version),
                            "informationUri": "https://example.com/keybearer", "rules": [rule],
                        ]
                    ],
                    "columnKind": "utf16CodeUnits",
                    "results": .array(findings.prefix(mostResults).map(result)),
                ]
            ],
        ]
    }

    private static let ruleID = "leaked-key"

    private static let rule: JSON = [
        "id": .string(ruleID), "name": "LeakedKey",
        "shortDescription": ["text": "A key stands where others can read it"],
        "fullDescription": [
            "text": "Text of a key's form with the right checksum: it was issued, or made to look so on purpose."
        ],
        "help": ["text": "Revoke the key, make another, and keep it in the environment or a secret store."],
        "defaultConfiguration": ["level": "error"],
        "properties": ["security-severity": "9.0", "precision": "very-high", "tags": ["security"]],
    ]

    private static func result(_ finding: Finding) -> JSON {
        let commit = finding.commit.map { " (commit \($0))" } ?? ""
        let status = finding.status.map { "; the server says: \($0)" } ?? ""
        let region: JSON = [
            "startLine": JSON(finding.line ?? 1), "startColumn": JSON(finding.column ?? 1),
        ]
        let location: JSON = [
            "physicalLocation": [
                "artifactLocation": ["uri": .string(uri(finding.path ?? finding.object ?? "unknown"))],
                "region": region,
            ]
        ]
        return [
            "ruleId": .string(ruleID), "ruleIndex": 0, "level": "error",
            "message": ["text": .string("\(finding.kind) \(finding.preview)\(commit)\(status)")],
            "locations": [location], "partialFingerprints": ["keySha256/v1": .string(finding.sha256)],
        ]
    }

    /// A relative URI reference (RFC 3986): slashes stay, a colon could not be told from a scheme's.
    private static func uri(_ path: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
