internal import SMGBase

/// A JSON configuration document as nodes with line numbers. Strict RFC 8259: no comments, no trailing commas.
///
/// Configurations need what a general scanner leaves out, the line of each member; they are small and read once.
struct JSONReader {
    private let bytes: UnsafeRawBufferPointer
    private let name: String
    private var at = 0
    private var line = 1

    /// Reads `bytes`; errors name the document `name`.
    static func read(_ bytes: [UInt8], name: String) throws(ConfigurationError) -> DocumentNode {
        let result = bytes.withUnsafeBytes { raw -> Result<DocumentNode, ConfigurationError> in
            var reader = JSONReader(bytes: raw, name: name)
            do throws(ConfigurationError) { return .success(try reader.document()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private init(bytes: UnsafeRawBufferPointer, name: String) {
        self.bytes = bytes
        self.name = name
    }

    private mutating func document() throws(ConfigurationError) -> DocumentNode {
        let root = try value(depth: 0)
        skipSpace()
        guard at == bytes.count else { throw syntax("text behind the document's end") }
        return root
    }

    private mutating func value(depth: Int) throws(ConfigurationError) -> DocumentNode {
        guard depth < DocumentLimits.maximumDepth else { throw syntax("nested too deeply") }
        skipSpace()
        let start = line
        switch peek {
        case UInt8(ascii: "{")?: return DocumentNode(.mapping(try members(depth: depth)), line: start)
        case UInt8(ascii: "[")?: return DocumentNode(.list(try elements(depth: depth)), line: start)
        case UInt8(ascii: "\"")?: return DocumentNode(.quoted(try string()), line: start)
        case nil: throw syntax("a value is missing at the end")
        case _?: return DocumentNode(.plain(try word()), line: start)
        }
    }

    private mutating func members(depth: Int) throws(ConfigurationError) -> [DocumentNode.Member] {
        var members = [DocumentNode.Member]()
        at += 1
        if takes(UInt8(ascii: "}")) { return members }
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw syntax("a key between quotes is missing") }
            let keyLine = line
            let key = try string()
            guard takes(UInt8(ascii: ":")) else { throw syntax("a colon is missing") }
            members.append(.init(key: key, line: keyLine, value: try value(depth: depth + 1)))
        } while takes(UInt8(ascii: ","))
        guard takes(UInt8(ascii: "}")) else { throw syntax("a comma or } is missing") }
        return members
    }

    private mutating func elements(depth: Int) throws(ConfigurationError) -> [DocumentNode] {
        var elements = [DocumentNode]()
        at += 1
        if takes(UInt8(ascii: "]")) { return elements }
        repeat { elements.append(try value(depth: depth + 1)) } while takes(UInt8(ascii: ","))
        guard takes(UInt8(ascii: "]")) else { throw syntax("a comma or ] is missing") }
        return elements
    }

    /// A number, `true`, `false` or `null`. What the option makes of it is checked there; that it is JSON, here.
    private mutating func word() throws(ConfigurationError) -> String {
        let start = at
        while let byte = peek, !" \t\r\n,]}:\"[{".utf8.contains(byte) { at += 1 }
        let text = bytes.slice(start..<at).string
        guard ["true", "false", "null"].contains(text) || NumberText.decimal(text) != nil else {
            throw syntax("neither a number, text between quotes, true, false nor null")
        }
        return text
    }

    // MARK: - Strings

    private mutating func string() throws(ConfigurationError) -> String {
        at += 1
        var out = [UInt8]()
        while let byte = peek {
            at += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: out, as: UTF8.self) else { throw syntax("text is not valid UTF-8") }
                return text
            case UInt8(ascii: "\\"): out += try escape()
            case 0..<0x20: throw syntax("a control character or line break inside text")
            default: out.append(byte)
            }
        }
        throw syntax("text without a closing quote")
    }

    private mutating func escape() throws(ConfigurationError) -> [UInt8] {
        guard let byte = peek else { throw syntax("text without a closing quote") }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "u"): return Array(String(try unicodeScalar()).utf8)
        default: throw syntax("an unknown escape inside text")
        }
    }

    private mutating func unicodeScalar() throws(ConfigurationError) -> Unicode.Scalar {
        let unit = try codeUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // A surrogate: only a high one with a low one behind it is a character.
        guard unit < 0xdc00, peek == UInt8(ascii: "\\") else { throw syntax("half a surrogate pair inside text") }
        at += 1
        guard peek == UInt8(ascii: "u") else { throw syntax("half a surrogate pair inside text") }
        at += 1
        let low = try codeUnit()
        guard (0xdc00..<0xe000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xd800) << 10 + (UInt32(low) - 0xdc00))
        else { throw syntax("half a surrogate pair inside text") }
        return scalar
    }

    private mutating func codeUnit() throws(ConfigurationError) -> UInt16 {
        var unit = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = ASCII.hexValue(byte) else { throw syntax("\\u without four digits") }
            unit = unit << 4 | digit
            at += 1
        }
        return UInt16(unit)
    }

    // MARK: - Bytes

    private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while let byte = peek, " \t\r\n".utf8.contains(byte) {
            if byte == UInt8(ascii: "\n") { line += 1 }
            at += 1
        }
    }

    /// Steps over white space and then `byte`, if it comes next.
    private mutating func takes(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek == byte else { return false }
        at += 1
        return true
    }

    private func syntax(_ message: String) -> ConfigurationError {
        ConfigurationError(
            .syntax, option: "", origin: .document(name: name, line: line), message: "not valid JSON: \(message)")
    }
}
