import BenchmarkAllocations
import Foundation
import KeybearerVerification

/// What a verification that memory can answer costs without HTTP: checksum, SHA-256, look-up, expiry, address,
/// permission, rate limit and metering. `Benchmarks/HTTP/inprocess.c` is its yardstick, with keys of the same length
/// presented in the same manner.
///
///     keybearer-bench [--json] [--runs N]
///     keybearer-bench --hot | --cold         # nothing but ten rounds of one sort, for a profiler
@main
enum InProcess {
    static func main() async throws {
        let words = CommandLine.arguments.dropFirst()
        let runs = words.firstIndex(of: "--runs").flatMap { Int(words[words.index(after: $0)]) } ?? 7
        if words.contains("--hot") {
            let few = try await Fixture(keys: 1_000)
            for _ in 0..<10 { _ = few.verifyAll(repetitions: 1_000) }
            return
        }
        if words.contains("--cold") {
            let many = try await Fixture(keys: 1_000_000)
            for _ in 0..<10 {
                many.drain()
                _ = many.verifyAll()
            }
            return
        }
        let before = residentBytes()
        let many = try await Fixture(keys: 1_000_000)
        let bytesPerKey = Double(residentBytes() - before - many.presentedBytes) / 1_000_000
        let few = try await Fixture(keys: 1_000)
        let hot = median(runs, few.drain) { few.verifyAll(repetitions: 1_000) }
        let cold = median(runs, many.drain) { many.verifyAll() }
        let one = median(runs, few.drain) { few.verifyAll(repetitions: 1_000) }
        let two = await medianOfTwoThreads(runs, few)
        let allocations = few.allocationsOfAMillion()
        let figures: [(name: String, unit: String, value: Double)] = [
            ("hot_ns", "ns, 1,000 hot keys", hot), ("cold_ns", "ns, 1,000,000 keys at random", cold),
            ("two_threads_ratio", "times as many verifications by two threads as by one", 2 * one / two),
            ("allocations_per_million", "allocations in a million verifications", Double(allocations)),
            ("bytes_per_key", "bytes of resident memory for a key in memory", bytesPerKey),
            (
                "own_bytes_per_key", "of them its name, its preview and its allowed addresses",
                Double(Fixture.ownBytesPerKey)
            ),
        ]
        if words.contains("--json") {
            print("{" + figures.map { #""\#($0.name)":\#(rounded($0.value))"# }.joined(separator: ",") + "}")
        } else {
            for figure in figures { print("\(rounded(figure.value))\t\(figure.unit)") }
        }
    }

    private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

    /// Nanoseconds a verification, after a run that does not count. Usage is drained before each run, as the product
    /// does every few seconds.
    private static func median(_ runs: Int, _ drain: () -> Void, _ round: () -> Int) -> Double {
        let clock = ContinuousClock()
        _ = round()
        let times = (0..<runs).map { _ in
            drain()
            var count = 0
            let time = clock.measure { count = round() }
            return nanoseconds(time) / Double(count)
        }
        return times.sorted()[runs / 2]
    }

    /// The same with two threads at once that verify the same keys, in nanoseconds of each thread.
    private static func medianOfTwoThreads(_ runs: Int, _ fixture: Fixture) async -> Double {
        var times: [Double] = []
        for _ in 0...runs {
            let clock = ContinuousClock()
            let start = clock.now
            async let first = fixture.verifyAll(repetitions: 1_000)
            async let second = fixture.verifyAll(repetitions: 1_000)
            let count = await first + second
            times.append(nanoseconds(clock.now - start) * 2 / Double(count))
        }
        return times.dropFirst().sorted()[runs / 2]
    }

    private static func nanoseconds(_ time: Duration) -> Double {
        Double(time.components.seconds) * 1e9 + Double(time.components.attoseconds) / 1e9
    }

    private static func residentBytes() -> Int {
        let fields = (FileManager.default.contents(atPath: "/proc/self/statm") ?? Data()).split(separator: 0x20)
        return (fields.count > 1 ? Int(String(decoding: fields[1], as: UTF8.self)) ?? 0 : 0) * 4096
    }
}
