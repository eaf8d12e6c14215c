import SMGBase
import SMGHTTP

/// What parsing some bytes came to, as plain values that can be compared.
struct HeadOutcome: Equatable, CustomStringConvertible {
    /// `incomplete`, `http2_preface`, an error's code, or the head in one line.
    var summary: String
    var fields: [String] = []
    var description: String { ([summary] + fields).joined(separator: " | ") }
}

/// Parses `bytes`, shown to the parser up to each of `cuts` in turn (ascending) and then whole.
func requestOutcome(
    _ bytes: [UInt8], cuts: [Int] = [], limits: HeadLimits = HeadLimits()
) -> HeadOutcome {
    var parser = RequestHeadParser(limits: limits)
    for cut in cuts + [bytes.count] {
        // A fresh copy each time: reading past the end or keeping a pointer shows under the sanitizer.
        let part = Array(bytes[..<cut])
        let outcome: HeadOutcome? = part.withUnsafeBytes { part in
            do throws(HTTPParseError) {
                switch try parser.parse(part) {
                case nil: return nil
                case .http2Preface: return HeadOutcome(summary: "http2_preface")
                case .request(let head): return describe(head, part)
                }
            } catch {
                return HeadOutcome(summary: error.code)
            }
        }
        if let outcome { return outcome }
    }
    return HeadOutcome(summary: "incomplete")
}

/// The same for an answer.
func responseOutcome(
    _ bytes: [UInt8], cuts: [Int] = [], to method: HTTPMethod = .get, limits: HeadLimits = HeadLimits()
) -> HeadOutcome {
    var parser = ResponseHeadParser(limits: limits)
    for cut in cuts + [bytes.count] {
        let part = Array(bytes[..<cut])
        let outcome: HeadOutcome? = part.withUnsafeBytes { part in
            do throws(HTTPParseError) {
                guard let head = try parser.parse(part, requestMethod: method) else { return nil }
                let flags = "\(head.keepAlive ? " keep" : "")\(head.nominatesFields ? " nominates" : "")"
                return HeadOutcome(
                    summary: "\(head.version) \(head.status) \(head.framing)\(flags) length=\(head.length)",
                    fields: describe(head.headers, part))
            } catch {
                return HeadOutcome(summary: error.code)
            }
        }
        if let outcome { return outcome }
    }
    return HeadOutcome(summary: "incomplete")
}

private func describe(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer) -> HeadOutcome {
    func text(_ range: Range<Int>) -> String { bytes.slice(range).string }
    var summary = "\(head.method)(\(text(head.methodText))) \(text(head.target)) path=\(text(head.path))"
    summary += " query=\(text(head.query)) authority=\(text(head.authority)) \(head.version) \(head.framing)"
    summary += "\(head.keepAlive ? " keep" : "")\(head.expectContinue ? " expect" : "")"
    summary += "\(head.isUpgrade ? " upgrade" : "")\(head.nominatesFields ? " nominates" : "") length=\(head.length)"
    return HeadOutcome(summary: summary, fields: describe(head.headers, bytes))
}

private func describe(_ headers: HeaderTable, _ bytes: UnsafeRawBufferPointer) -> [String] {
    (0..<headers.count).map { index in
        let field = headers[index]
        return "\(field.known):\(bytes.slice(field.name).string)=\(bytes.slice(field.value).string)"
    }
}

/// Some ascending places to cut `count` bytes.
func randomCuts(_ count: Int, _ random: inout FastRandom) -> [Int] {
    (0..<random.below(8)).map { _ in random.below(count + 1) }.sorted()
}
