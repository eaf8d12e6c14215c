import SMGBase
import SMGJSON

/// What must hold for any bytes whatsoever. Checked over the fuzzing corpus in every test run, and by the fuzzer.
enum JSONProperties {
    /// The first property `bytes` violate; nil when all hold.
    static func violation(_ bytes: UnsafeRawBufferPointer) -> String? {
        var visits = 2000
        walk(JSONSlice(validated: bytes), &visits, depth: 0)
        let document: JSONSlice?
        do throws(JSONError) { document = try JSONSlice(parsing: bytes) } catch {
            if error.offset < 0 || error.offset > bytes.count { return "error offset outside the input" }
            document = nil
        }
        let scan = JSONObjectScan()
        do throws(JSONError) { try scan.scan(bytes) } catch {
            if !scan.members.isEmpty { return "members after a failed scan" }
            if document?.kind == .object, error.code != .memberLimit { return "scan refuses a valid object" }
            return nil
        }
        guard let document else { return "scan accepts an invalid document" }
        return members(scan, document, bytes) ?? splices(scan, bytes)
    }

    /// Reads everything a slice offers, whether the bytes are valid or not: nothing may trap or run on for ever.
    private static func walk(_ slice: JSONSlice, _ visits: inout Int, depth: Int) {
        visits -= 1
        guard visits > 0, depth < 40 else { return }
        _ = (slice.int64, slice.double, slice.bool, slice.string, slice.isEqual(to: "model"))
        for element in slice.elements {
            if visits <= 0 { return }
            walk(element, &visits, depth: depth + 1)
        }
        for member in slice.members {
            if visits <= 0 { return }
            _ = member.key.string
            walk(member.value, &visits, depth: depth + 1)
        }
    }

    private static func members(
        _ scan: JSONObjectScan, _ document: JSONSlice, _ bytes: UnsafeRawBufferPointer
    ) -> String? {
        let lazy = Array(document.members)
        guard lazy.count == scan.members.count else { return "lazy reader and scan count members differently" }
        for (i, member) in scan.members.enumerated() {
            let value = bytes.slice(member.valueRange)
            guard let parsed = try? JSONSlice(parsing: value), parsed.bytes.count == value.count else {
                return "a member's value does not stand alone"
            }
            guard parsed.kind == member.kind else { return "a member's kind is wrong" }
            let quoted = bytes.slice(member.keyRange.lowerBound - 1..<member.keyRange.upperBound + 1)
            guard (try? JSONSlice(parsing: quoted))?.kind == .string else { return "a member's key is no string" }
            let key = JSONString(raw: bytes.slice(member.keyRange))
            guard key.hasEscapes == member.keyHasEscapes else { return "keyHasEscapes is wrong" }
            guard lazy[i].value.bytes.baseAddress == value.baseAddress, lazy[i].value.bytes.count == value.count,
                lazy[i].key.raw.baseAddress == key.raw.baseAddress, lazy[i].key.raw.count == key.raw.count
            else { return "lazy reader and scan differ" }
            if let text = parsed.text {
                guard text.hasEscapes == member.valueHasEscapes else { return "valueHasEscapes is wrong" }
                if let broken = rewrite(text) { return broken }
            }
        }
        return nil
    }

    /// A decoded string, written and read again, is the same text.
    private static func rewrite(_ text: JSONString) -> String? {
        let decoded = ByteBuffer(capacity: 16)
        guard text.append(to: decoded) else { return "a string is decoded in part only" }
        guard text.isEqual(toUTF8: decoded.readable) else { return "a string differs from its decoded text" }
        guard text.string.utf8.elementsEqual(decoded.readable) else { return "two ways of decoding differ" }
        let again = ByteBuffer(capacity: 16)
        var writer = JSONWriter(again)
        writer.string(utf8: decoded.readable)
        guard let parsed = try? JSONSlice(parsing: again.readable), let reread = parsed.text else {
            return "the writer wrote an invalid string"
        }
        return reread.isEqual(toUTF8: decoded.readable) ? nil : "the writer changed a string"
    }

    private static func splices(_ scan: JSONObjectScan, _ bytes: UnsafeRawBufferPointer) -> String? {
        let first = ByteBuffer(capacity: 16)
        scan.key(0, in: bytes)?.append(to: first)
        let splice = JSONSplice()
        let check = JSONObjectScan()
        for action in 0..<4 {
            splice.reset()
            switch action {
            case 0: splice.set("smg_added") { $0.int(1) }
            case 1: splice.remove(utf8: first.readable)
            case 2: splice.replace(utf8: first.readable) { $0.string("replaced") }
            default:
                splice.remove(utf8: first.readable)
                splice.set("smg_added") { $0.null() }
            }
            let result = ByteBuffer(capacity: 16)
            guard splice.append(scan, in: bytes, to: result), result.readableCount == splice.byteCount else {
                return "splice fails on a scanned body"
            }
            do throws(JSONError) { try check.scan(result.readable) } catch {
                if error.code != .memberLimit { return "the result of a splice is no object" }
                continue
            }
            if action == 0 || action == 3, check.occurrences(of: "smg_added", in: result.readable) != 1 {
                return "a splice added nothing, or too much"
            }
        }
        return nil
    }
}
