import Crypto
import CryptoExtras
import Dispatch
import Foundation
import Synchronization

/// scrypt's cost (RFC 7914): memory is 128 · blockSize · rounds bytes.
public struct PasswordCost: Sendable, Hashable {
    public let rounds: Int
    public let blockSize: Int
    public let parallelism: Int

    public init(rounds: Int, blockSize: Int, parallelism: Int) {
        self.rounds = rounds
        self.blockSize = blockSize
        self.parallelism = parallelism
    }

    /// 32 MiB and about a tenth of a second.
    public static let standard = PasswordCost(rounds: 32_768, blockSize: 8, parallelism: 1)
}

/// Hashes and checks passwords off the event loops, on at most half of the cores, with a bounded queue.
final class PasswordHasher: Sendable {
    /// More people than this waiting are told to come back.
    static let queueLimit = 64

    private let cost: PasswordCost
    private let workers: OperationQueue
    private let waiting = Mutex(0)
    /// A hash that no password has, of the same cost: checking against it takes as long as against a real one.
    private let decoy: String

    init(cost: PasswordCost) {
        self.cost = cost
        workers = OperationQueue()
        workers.maxConcurrentOperationCount = max(1, ProcessInfo.processInfo.activeProcessorCount / 2)
        workers.qualityOfService = .utility
        var random = SystemRandomNumberGenerator()
        decoy = Self.encoded(cost, Secret.bytes(16, using: &random), Secret.bytes(32, using: &random))
    }

    /// `scrypt$ROUNDS$BLOCK$PARALLELISM$SALT$HASH`, salt and hash in hex.
    ///
    /// - Throws: `Failure` `busy` where too many wait already.
    func hash(_ password: String) async throws -> String {
        let cost = cost
        return try await work {
            var random = SystemRandomNumberGenerator()
            let salt = Secret.bytes(16, using: &random)
            return Self.encoded(cost, salt, try Self.derive(password, cost, salt))
        }
    }

    /// Whether the password is the hash's. Without a hash it takes the same time and the answer is no.
    func matches(_ password: String, _ encoded: String?) async throws -> Bool {
        let reference = encoded ?? decoy
        let isMatch = try await work {
            guard let (cost, salt, expected) = Self.decoded(reference) else { return false }
            let actual = try Self.derive(password, cost, salt)
            return zip(actual, expected).reduce(UInt8(actual.count == expected.count ? 0 : 1)) { $0 | ($1.0 ^ $1.1) }
                == 0
        }
        return isMatch && encoded != nil
    }

    private func work<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let isRoom = waiting.withLock { waiting in
            guard waiting < Self.queueLimit else { return false }
            waiting += 1
            return true
        }
        guard isRoom else {
            throw Failure(.busy, "Too many people are signing in at once; try again in a moment.", retryAfterSeconds: 2)
        }
        defer { waiting.withLock { $0 -= 1 } }
        return try await withCheckedThrowingContinuation { continuation in
            workers.addOperation { continuation.resume(with: Result { try body() }) }
        }
    }

    private static func derive(_ password: String, _ cost: PasswordCost, _ salt: [UInt8]) throws -> [UInt8] {
        let key = try KDF.Scrypt.deriveKey(
            from: Array(password.precomposedStringWithCanonicalMapping.utf8), salt: salt, outputByteCount: 32,
            rounds: cost.rounds, blockSize: cost.blockSize, parallelism: cost.parallelism)
        return key.withUnsafeBytes { Array($0) }
    }

    private static func encoded(_ cost: PasswordCost, _ salt: [UInt8], _ hash: [UInt8]) -> String {
        func hex(_ bytes: [UInt8]) -> String {
            bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
        return "scrypt$\(cost.rounds)$\(cost.blockSize)$\(cost.parallelism)$\(hex(salt))$\(hex(hash))"
    }

    private static func decoded(_ text: String) -> (PasswordCost, [UInt8], [UInt8])? {
        let parts = text.split(separator: "$")
        guard parts.count == 6, parts[0] == "scrypt", let rounds = Int(parts[1]), let block = Int(parts[2]),
            let parallelism = Int(parts[3]), let salt = bytes(parts[4]), let hash = bytes(parts[5])
        else { return nil }
        return (PasswordCost(rounds: rounds, blockSize: block, parallelism: parallelism), salt, hash)
    }

    private static func bytes(_ hex: Substring) -> [UInt8]? {
        let digits = hex.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
        let values = digits.compactMap { $0 }
        return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] * 16 + values[$0 + 1]) }
    }
}
