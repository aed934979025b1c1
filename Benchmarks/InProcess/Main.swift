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
        let hotTwo = two(runs, [few], repetitions: 1_000)
        let coldTwo = two(runs, [many], repetitions: 1)
        let allocations = few.allocationsOfAMillion()
        let hotApart = two(runs, [try await Fixture(keys: 500), try await Fixture(keys: 500)], repetitions: 1_000)
        let halves = [try await Fixture(keys: 500_000), try await Fixture(keys: 500_000)]
        let coldApart = two(runs, halves, repetitions: 1)
        let figures: [(name: String, unit: String, value: Double)] = [
            ("hot_ns", "ns of a processor, 1,000 hot keys", hot),
            ("cold_ns", "ns of a processor, 1,000,000 keys at random", cold),
            ("two_hot_ratio", "times as many verifications by two threads as by one, 1,000 hot keys", hotTwo.wall),
            ("two_hot_cpu_ratio", "the same by the processors' time", hotTwo.processor),
            ("two_cold_ratio", "times as many by two threads as by one, 1,000,000 keys at random", coldTwo.wall),
            ("two_cold_cpu_ratio", "the same by the processors' time", coldTwo.processor),
            ("apart_hot_ratio", "times as many by two threads, each over 500 hot keys of its own", hotApart.wall),
            ("apart_hot_cpu_ratio", "the same by the processors' time", hotApart.processor),
            ("apart_cold_ratio", "times as many by two threads, each over 500,000 keys of its own", coldApart.wall),
            ("apart_cold_cpu_ratio", "the same by the processors' time", coldApart.processor),
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

    /// Nanoseconds of the processor a verification, after a run that does not count. Usage is drained before each run, as
    /// the product does every few seconds.
    private static func median(_ runs: Int, _ drain: () -> Void, _ round: () -> Int) -> Double {
        _ = round()
        let times = (0..<runs).map { _ in
            drain()
            return Threads.measure(round).processor
        }
        return times.sorted()[runs / 2]
    }

    /// How many times as many verifications two threads do at once as one alone, each thread on a processor of its own.
    /// Of one fixture both verify all keys, one from the last to the first; of two fixtures each has its own, so that
    /// nothing is shared. One and two take turns; by wall clock and by processors' time.
    private static func two(_ runs: Int, _ fixtures: [Fixture], repetitions: Int) -> Pace {
        let ratios = (0..<runs).map { _ in
            for fixture in fixtures { fixture.drain() }
            // All that the two do: a key's second call since the drain finds what it counts in far away.
            let one = Threads.run(Threads.processors[..<1]) { _ in
                fixtures.reduce(0) { $0 + $1.verifyAll(repetitions: 2 * repetitions) }
            }[0]
            for fixture in fixtures { fixture.drain() }
            let both = Threads.run(Threads.processors[...]) { index in
                fixtures.count == 1
                    ? fixtures[0].verifyAll(repetitions: repetitions, backwards: index == 1)
                    : fixtures[index].verifyAll(repetitions: 2 * repetitions)
            }
            return Pace(
                processor: 4 * one.processor / (both[0].processor + both[1].processor),
                wall: 2 * one.wall / max(both[0].wall, both[1].wall))
        }
        return Pace(
            processor: ratios.map { $0.processor }.sorted()[runs / 2], wall: ratios.map { $0.wall }.sorted()[runs / 2])
    }

    private static func residentBytes() -> Int {
        let fields = (FileManager.default.contents(atPath: "/proc/self/statm") ?? Data()).split(separator: 0x20)
        return (fields.count > 1 ? Int(String(decoding: fields[1], as: UTF8.self)) ?? 0 : 0) * 4096
    }
}
