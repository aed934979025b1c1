import Testing

@testable import KeybearerVerification

@Suite struct PermissionTests {
    @Test(arguments: [
        "project:deploy", "project/prj_9:deploy", "project:*", "*:read", "*:*", "a:b", "project/A.b_c~d-E:x",
        "api_key:create", "project/p:*",
    ])
    func `Z8 a permission is written back as it was read`(text: String) throws {
        #expect(try permission(text).description == text)
    }

    @Test func `Z8 a permission's parts are told apart`() throws {
        let whole = try permission("project/prj_9:deploy")
        #expect(whole.resource == "project" && whole.instance == "prj_9" && whole.action == "deploy")
        let every = try permission("*:*")
        #expect(every.resource == "*" && every.instance == nil && every.action == "*")
    }

    @Test(arguments: [
        "", ":", "project", "project:", ":deploy", "Project:deploy", "project:Deploy", "project/:deploy",
        "project/*:deploy", "*/x:deploy", "project/a/b:deploy", "project:de:ploy", "project :deploy", "1project:a",
        "_a:b", "project:1", "**:a", "a*:b", "a:b*", "project/p:", "/p:a", "proj\u{00e9}ct:a", "\u{212a}ey:read",
        "project/é:a", "project:read\0", "project:read\n", "project/a@b:c", "project/a[b:c",
    ])
    func `A21 what is outside the grammar is refused`(text: String) {
        #expect(Permission(text) == nil)
    }

    @Test func `A21 names are at most 64 bytes and instances at most 128`() {
        let name = String(repeating: "n", count: 64)
        let instance = String(repeating: "i", count: 128)
        #expect(Permission("\(name)/\(instance):\(name)") != nil)
        #expect(Permission("\(name)n:a") == nil && Permission("a:\(name)n") == nil)
        #expect(Permission("a/\(instance)i:b") == nil)
    }

    /// Every byte in each part, against a grammar written as sets of characters.
    @Test func `A21 each byte is judged as the grammar says`() {
        let lower = Set("abcdefghijklmnopqrstuvwxyz".utf8)
        let inName = lower.union("0123456789_".utf8)
        let inInstance = inName.union("ABCDEFGHIJKLMNOPQRSTUVWXYZ.~-".utf8)
        for byte in UInt8.min...UInt8.max {
            func isRead(_ text: [UInt8]) -> Bool { Permission(bytes: text) != nil }
            let isStar = byte == UInt8(ascii: "*")
            #expect(isRead([byte] + Array(":a".utf8)) == (lower.contains(byte) || isStar))
            #expect(isRead(Array("r".utf8) + [byte] + Array("x:a".utf8)) == (inName.contains(byte) || byte == 0x2f))
            #expect(isRead(Array("r/".utf8) + [byte] + Array(":a".utf8)) == inInstance.contains(byte))
            #expect(isRead(Array("r:".utf8) + [byte]) == (lower.contains(byte) || isStar))
            #expect(isRead(Array("r:a".utf8) + [byte]) == inName.contains(byte))
        }
    }

    /// A pattern stands for a set of calls. One that no pattern names stands for all that may be added later, so
    /// that covering is exactly inclusion.
    @Test func `A6 covering is inclusion, for all pairs over four resources, instances and actions`() throws {
        let patterns = try Universe.patterns.map { ($0, try permission($0.text)) }
        #expect(patterns.count == 105)
        for (grant, held) in patterns {
            for (request, asked) in patterns {
                let expected = Universe.calls(of: request).isSubset(of: Universe.calls(of: grant))
                if held.covers(asked) != expected { Issue.record("\(held) and \(asked)") }
            }
        }
    }

    @Test func `A3 whoever exceeds nothing gives nothing new, for random sets`() throws {
        var random = SeededRandom(seed: 3)
        let patterns = try Universe.patterns.map { ($0, try permission($0.text)) }
        for _ in 0..<5_000 {
            func draw() -> [(Universe.Pattern, Permission)] {
                (0..<Int.random(in: 0...4, using: &random)).compactMap { _ in patterns.randomElement(using: &random) }
            }
            let (holder, wanted) = (draw(), draw())
            let held = PermissionSet(holder.map(\.1))
            let excess = held.exceeding(PermissionSet(wanted.map(\.1)))
            let holderCalls = holder.reduce(into: Set<Universe.Call>()) { $0.formUnion(Universe.calls(of: $1.0)) }
            let wantedCalls = wanted.reduce(into: Set<Universe.Call>()) { $0.formUnion(Universe.calls(of: $1.0)) }
            if excess.isEmpty && !wantedCalls.isSubset(of: holderCalls) { Issue.record("\(held) gave \(wanted)") }
            for asked in wanted where !Universe.calls(of: asked.0).isSubset(of: holderCalls) {
                if !excess.contains(asked.1) { Issue.record("\(asked.1) by \(held)") }
            }
        }
    }

    @Test func `Z9 an empty set allows nothing and exceeds nothing`() throws {
        let all = try permissions("*:*")
        #expect(!PermissionSet.empty.covers(try permission("a:b")) && PermissionSet.empty.isEmpty)
        #expect(PermissionSet.empty.exceeding(all) == all.permissions && all.exceeding(.empty).isEmpty)
    }

    @Test func `A3 a wildcard is covered by a wildcard only, not by a list of all there is`() throws {
        let list = try permissions("project:read", "project:deploy")
        #expect(list.exceeding(try permissions("project:*")).map(\.description) == ["project:*"])
        #expect(try permissions("project:*").exceeding(list).isEmpty)
    }

    @Test func `Z8 a set keeps its order and each permission once`() throws {
        let set = try permissions("b:x", "a:x", "b:x")
        #expect(set.permissions.map(\.description) == ["b:x", "a:x"])
        #expect(set.union(try permissions("c:x", "a:x")).permissions.map(\.description) == ["b:x", "a:x", "c:x"])
        #expect(set.firstIndex(covering: try permission("a/1:x")) == 1)
        #expect(try set != permissions("a:x", "b:x"))
        #expect(try set == permissions("b:x", "a:x"))
    }

    @Test func `A6 the parts must match, not the text they make together`() throws {
        let texts = ["ab/c:d", "a/bc:d", "ab/cd:d", "abc:d", "ab:cd", "a:bcd", "ab/c:dd", "ab/c:de"]
        let all = try texts.map(permission)
        for left in all {
            for right in all { #expect(left.covers(right) == (left == right)) }
        }
    }
}

/// Short names are compared by their first and last eight bytes, longer ones and instances by all of theirs too.
@Suite struct PermissionEndsTests {
    @Test(arguments: [1, 2, 7, 8, 9, 15, 16, 17, 18, 24, 25, 63])
    func `A6 names that differ in one byte anywhere, or in length, are told apart`(length: Int) throws {
        let name = (0..<length).map { UInt8(ascii: "a") + UInt8($0 % 25) }
        let others = name.indices.map { index in
            var other = name
            other[index] = UInt8(ascii: "z")
            return other
        }
        for other in others + [name + [UInt8(ascii: "a")], [UInt8(ascii: "a")] + name] {
            let (one, two) = (String(decoding: name, as: UTF8.self), String(decoding: other, as: UTF8.self))
            for pattern in ["?:x", "x:?", "x/?:y", "?/?:?"] {
                let held = try permission(pattern.replacing("?", with: one))
                let asked = try permission(pattern.replacing("?", with: two))
                #expect(held.covers(held) && PermissionSet([asked, held]).firstIndex(covering: held) == 1)
                #expect(!held.covers(asked) && !asked.covers(held) && !PermissionSet([held]).covers(asked))
            }
        }
    }

    @Test func `A6 two instances with the same end are told apart by all their bytes`() throws {
        let (first, second) = (
            try permission("project/one-of-them-0001:read"), try permission("project/two-of-them-0001:read")
        )
        #expect(first.shape.mayCover(second.shape), "no longer alike in what is looked at first: find others")
        #expect(!first.covers(second) && !second.covers(first) && !PermissionSet([first]).covers(second))
        #expect(first.covers(first) && PermissionSet([second, first]).firstIndex(covering: first) == 1)
    }
}

/// Four of each, and a fifth place for what no pattern names.
private enum Universe {
    struct Pattern: Hashable {
        let resource: String
        let instance: String?
        let action: String

        var text: String { resource + (instance.map { "/" + $0 } ?? "") + ":" + action }
    }

    struct Call: Hashable {
        let resource: Int
        let instance: Int
        let action: Int
    }

    private static let resources = ["alpha", "beta", "gamma", "delta"]
    private static let instances = ["i0", "i1", "i2", "i3"]
    private static let actions = ["read", "write", "deploy", "audit"]

    static let patterns: [Pattern] =
        (resources + ["*"]).flatMap { resource in
            ([nil] + (resource == "*" ? [] : instances.map(Optional.some))).flatMap { instance in
                (actions + ["*"]).map { Pattern(resource: resource, instance: instance, action: $0) }
            }
        }

    static func calls(of pattern: Pattern) -> Set<Call> {
        // Place 4 is what no pattern names: another resource, no instance or another one, another action.
        func places(_ name: String?, _ names: [String], any: Bool) -> [Int] {
            any ? Array(0...4) : names.indices.filter { names[$0] == name }
        }
        var calls: Set<Call> = []
        for resource in places(pattern.resource, resources, any: pattern.resource == "*") {
            for instance in places(pattern.instance, instances, any: pattern.instance == nil) {
                for action in places(pattern.action, actions, any: pattern.action == "*") {
                    calls.insert(Call(resource: resource, instance: instance, action: action))
                }
            }
        }
        return calls
    }
}
