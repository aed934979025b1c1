/// A number and what it counts: "1 key", "2 keys".
enum CountedNoun {
    static func words(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
