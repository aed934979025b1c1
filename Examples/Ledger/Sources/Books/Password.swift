import Crypto
import CryptoExtras
import Dispatch
import Foundation

/// scrypt with 32 MiB, off the event loops and one at a time.
enum Password {
    private static let worker = DispatchQueue(label: "ledger.passwords")
    /// Checked against where nobody has the address, so that both take as long.
    private static let decoy = "00000000000000000000000000000000$00"

    static func hash(_ password: String) async throws -> String {
        let salt = Random.bytes(16)
        return try await onWorker { "\(hex(salt))$\(hex(try derived(password, salt)))" }
    }

    static func matches(_ password: String, _ stored: String?) async throws -> Bool {
        let parts = (stored ?? decoy).split(separator: "$")
        guard parts.count == 2, let salt = bytes(parts[0]) else { return false }
        let expected = Data(parts[1].utf8)
        return try await onWorker {
            SHA256.hash(data: Data(hex(try derived(password, salt)).utf8)) == SHA256.hash(data: expected)
        }
    }

    private static func onWorker<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { waiting in
            worker.async { waiting.resume(with: Result(catching: work)) }
        }
    }

    private static func derived(_ password: String, _ salt: [UInt8]) throws -> [UInt8] {
        try KDF.Scrypt.deriveKey(
            from: Data(password.utf8), salt: salt, outputByteCount: 32, rounds: 32_768, blockSize: 8, parallelism: 1,
            maxMemory: 64 << 20
        ).withUnsafeBytes(Array.init)
    }

    private static func hex(_ bytes: [UInt8]) -> String { Random.hex(bytes) }

    private static func bytes(_ hex: Substring) -> [UInt8]? {
        let digits = hex.compactMap(\.hexDigitValue)
        guard digits.count == hex.count, digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

enum Random {
    static func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255) } }

    static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
