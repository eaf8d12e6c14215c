import SMGBase
import SMGJSON
import Testing

@Suite struct JSONSpliceTests {
    /// `body` after `edit`; checks that segments and appended bytes agree and that the result scans.
    private func spliced(_ body: String, _ edit: (JSONSplice) -> Void) throws -> String {
        try withBytes(body) { bytes in
            let scan = JSONObjectScan()
            try scan.scan(bytes)
            let splice = JSONSplice()
            edit(splice)
            let buffer = ByteBuffer(capacity: 1)
            #expect(splice.append(scan, in: bytes, to: buffer))
            #expect(splice.byteCount == buffer.readableCount)
            let joined = splice.segments.map { splice.resolve($0, in: bytes).string }.joined()
            #expect(joined == buffer.readableString)
            #expect(splice.segments.allSatisfy { $0.count > 0 })
            #expect(scanError(Array(joined.utf8)) == nil, "\(joined)")
            return joined
        }
    }

    @Test(arguments: [
        ("{}", #"{"n":3}"#), ("{ }", #"{"n":3 }"#), (" {} ", #" {"n":3} "#), (#"{"a":1}"#, #"{"a":1,"n":3}"#),
        (#"{ "a" : 1 }"#, #"{ "a" : 1,"n":3 }"#), (#"{"n":1}"#, #"{"n":3}"#),
        (#"{"n" : "x" , "b":2}"#, #"{"n" : 3 , "b":2}"#),
        (#"{"a":1,"n":{"n":1}}"#, #"{"a":1,"n":3}"#), (#"{"\u006e":1}"#, #"{"\u006e":3}"#),
        (#"{"n":1,"a":0,"n":2}"#, #"{"a":0,"n":3}"#), (#"{"n":1,"n":2,"n":4}"#, #"{"n":3}"#),
        ("{\n  \"a\": 1\n}\n", "{\n  \"a\": 1,\"n\":3\n}\n"),
    ])
    func sets(body: String, result: String) throws {
        #expect(try spliced(body) { $0.set("n") { $0.int(3) } } == result)
    }

    @Test(arguments: [
        ("{}", "{}"), (#"{"a":1}"#, #"{"a":1}"#), (#"{"n":1}"#, #"{"n":3}"#),
        (#"{"a":0, "n":1 }"#, #"{"a":0, "n":3 }"#),
    ])
    func replaces(body: String, result: String) throws {
        #expect(try spliced(body) { $0.replace("n") { $0.int(3) } } == result)
    }

    @Test(arguments: [
        ("{}", "{}"), (#"{"a":1}"#, #"{"a":1}"#), (#"{"n":1}"#, "{}"), (#"{ "n":1 }"#, "{  }"),
        (#"{"n":1,"a":2}"#, #"{"a":2}"#), (#"{"a":2,"n":1}"#, #"{"a":2}"#),
        (#"{"a":1 , "n":1 , "b":2}"#, #"{"a":1 , "b":2}"#),
        (#"{"n":1,"n":2}"#, "{}"), (#"{"n":1,"a":0,"n":2,"b":1,"\u006e":3}"#, #"{"a":0,"b":1}"#),
        ("{\n  \"a\": 1,\n  \"n\": 2,\n  \"b\": 3\n}", "{\n  \"a\": 1,\n  \"b\": 3\n}"),
    ])
    func removes(body: String, result: String) throws {
        #expect(try spliced(body) { $0.remove("n") } == result)
    }

    @Test func combinesEdits() throws {
        let body = #"{"model":"m","stream":true,"x":[1,2],"old":1}"#
        let result = try spliced(body) { splice in
            splice.set("model") { $0.string("other \"m\"") }
            splice.remove("old")
            splice.set("rank") { $0.int(1) }
            splice.set("rank") { $0.int(2) }
            splice.set("options") { writer in
                writer.beginObject()
                writer.key("include_usage" as StaticString)
                writer.bool(true)
                writer.endObject()
            }
            splice.replace("absent") { $0.null() }
        }
        #expect(result == #"{"model":"other \"m\"","stream":true,"x":[1,2],"rank":2,"options":{"include_usage":true}}"#)
    }

    @Test func removesAllAndAdds() throws {
        let result = try spliced(#"{"a":1,"b":2}"#) { splice in
            splice.remove("a")
            splice.remove("b")
            splice.set("c") { $0.int(3) }
            splice.set("d") { $0.int(4) }
        }
        #expect(result == #"{"c":3,"d":4}"#)
    }

    @Test func escapesKeys() throws {
        let key = "a\"\\\n\u{1}é"
        let added = try spliced("{}") { splice in withBytes(key) { splice.set(utf8: $0) { $0.int(1) } } }
        #expect(added == #"{"a\"\\\n\u0001é":1}"#)
        let replaced = try spliced(added) { splice in withBytes(key) { splice.replace(utf8: $0) { $0.int(2) } } }
        #expect(replaced == #"{"a\"\\\n\u0001é":2}"#)
        #expect(try spliced(replaced) { splice in withBytes(key) { splice.remove(utf8: $0) } } == "{}")
    }

    @Test func changesNothingWithoutEdits() throws {
        let body = " { \"a\" : [ 1 ] } \n"
        #expect(try spliced(body) { _ in } == body)
    }

    @Test func isReusable() throws {
        let scan = JSONObjectScan()
        let splice = JSONSplice()
        for i in 0..<3 {
            splice.reset()
            #expect(splice.isEmpty)
            splice.set("i") { $0.int(i) }
            try withBytes(#"{"a":0}"#) { bytes in
                try scan.scan(bytes)
                let buffer = ByteBuffer(capacity: 8)
                #expect(splice.append(scan, in: bytes, to: buffer))
                #expect(buffer.readableString == #"{"a":0,"i":\#(i)}"#)
            }
        }
    }

    @Test func refusesOtherBytes() throws {
        let scan = JSONObjectScan()
        let splice = JSONSplice()
        splice.set("a") { $0.int(1) }
        withBytes("{}") { #expect(!splice.apply(to: scan, in: $0)) }
        try withBytes(#"{"b":"0123456789"}"#) { try scan.scan($0) }
        withBytes("{}") { bytes in
            #expect(!splice.apply(to: scan, in: bytes) && splice.segments.isEmpty && splice.byteCount == 0)
        }
    }

    /// Random objects, random edits: what was not edited is byte for byte the same and in the same order.
    @Test(arguments: 0..<30)
    func leavesOtherMembersAlone(seed: Int) throws {
        var generator = TreeGenerator(random: FastRandom(seed: UInt64(seed)))
        for _ in 0..<20 {
            let names: [StaticString] = ["a", "b", "c", "d"]
            let spaces = ["", " ", "\n\t", "  "]
            func space() -> String { spaces[generator.random.below(4)] }
            var fields: [(name: Int, value: String)] = []
            var body = space() + "{" + space()
            for i in 0..<generator.random.below(7) {
                let tree = generator.tree(depth: 2)
                let field = (name: generator.random.below(4), value: written { tree.write(to: &$0) })
                fields.append(field)
                body +=
                    (i > 0 ? "," : "") + space() + "\"\(names[field.name])\"" + space() + ":" + space() + field.value
                    + space()
            }
            body += "}" + space()
            let (set, removed, replaced) = (0, 1, 2)
            let result = try spliced(body) { splice in
                splice.set(names[set]) { $0.string("set") }
                splice.remove(names[removed])
                splice.replace(names[replaced]) { $0.string("replaced") }
            }
            var expected: [(name: Int, value: String)] = []
            for (i, field) in fields.enumerated() where field.name != removed {
                let isLast = !fields[(i + 1)...].contains { $0.name == field.name }
                if field.name == 3 {
                    expected.append(field)
                } else if isLast {
                    expected.append((field.name, field.name == set ? "\"set\"" : "\"replaced\""))
                }
            }
            if !fields.contains(where: { $0.name == set }) { expected.append((set, "\"set\"")) }
            try withBytes(result) { bytes in
                let members = Array(try JSONSlice(parsing: bytes).members)
                #expect(members.map { $0.key.string } == expected.map { "\(names[$0.name])" }, "\(body) -> \(result)")
                #expect(members.map { $0.value.bytes.string } == expected.map(\.value))
            }
        }
    }
}
