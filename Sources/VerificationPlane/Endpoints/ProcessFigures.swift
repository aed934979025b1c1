import Foundation

/// What the kernel says of this process (proc(5)).
struct ProcessFigures {
    let cpuSeconds: Double
    let residentBytes: Int
    let openDescriptors: Int

    /// nil where there is no `/proc`.
    static func read() -> ProcessFigures? {
        guard let memory = FileManager.default.contents(atPath: "/proc/self/statm"),
            let pages = String(decoding: memory, as: UTF8.self).split(separator: " ").dropFirst().first.flatMap({
                Int($0)
            })
        else { return nil }
        let descriptors: Int
        do {
            descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        } catch {
            return nil
        }
        return ProcessFigures(
            cpuSeconds: Double(clock()) / Double(CLOCKS_PER_SEC), residentBytes: pages * Int(getpagesize()),
            openDescriptors: descriptors)
    }
}
