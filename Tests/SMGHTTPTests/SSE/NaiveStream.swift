/// The event stream read from the text of the standard over the whole input at once, and what the observer should say.
func naiveStream(_ bytes: [UInt8]) -> (StreamOutcome, ObserverOutcome) {
    var lines = splitLines(bytes)
    if lines.count > 1, lines[0].starts(with: [0xef, 0xbb, 0xbf]) { lines[0].removeFirst(3) }
    var stream = StreamOutcome()
    var observed = ObserverOutcome()
    var current = ReadEvent()
    var dataLines: [[UInt8]] = []
    var hasFields = false
    for line in lines.dropLast() {
        if line.isEmpty {
            if !dataLines.isEmpty {
                current.data = Array(dataLines.joined(separator: [10]))
                stream.events.append(current)
            }
            (current.type, dataLines, hasFields) = ("", [], false)
            continue
        }
        if line[0] == UInt8(ascii: ":") { continue }
        hasFields = true
        let name = line.prefix { $0 != UInt8(ascii: ":") }
        var value = Array(line.dropFirst(name.count + 1))
        if value.first == 0x20 { value.removeFirst() }
        switch String(decoding: name, as: UTF8.self) {
        case "data":
            dataLines.append(value)
            if value == Array("[DONE]".utf8) {
                observed.isDone = true
            } else if line.count > 4 {
                observed.lastPayload = value
            }
        case "event": current.type = String(decoding: value, as: UTF8.self)
        case "id": if !value.contains(0) { current.id = String(decoding: value, as: UTF8.self) }
        case "retry":
            let isNumber = (1...10).contains(value.count) && value.allSatisfy { (48...57).contains($0) }
            if isNumber { current.retry = Int(String(decoding: value, as: UTF8.self)) }
        default: break
        }
    }
    let isAtBorder = !hasFields && (lines.last?.isEmpty ?? true)
    stream.isAtEventBorder = isAtBorder
    observed.isAtEventBorder = isAtBorder
    observed.events = stream.events.count
    return (stream, observed)
}

/// The lines of `bytes`; the last is what has no line end yet.
private func splitLines(_ bytes: [UInt8]) -> [[UInt8]] {
    var lines: [[UInt8]] = [[]]
    var at = 0
    while at < bytes.count {
        let byte = bytes[at]
        if byte == 13, at + 1 < bytes.count, bytes[at + 1] == 10 { at += 1 }
        if byte == 13 || byte == 10 { lines.append([]) } else { lines[lines.count - 1].append(byte) }
        at += 1
    }
    return lines
}

/// `text` with every CRLF and CR as LF: what a payload is after a trip through a stream.
func withLineFeedsOnly(_ text: [UInt8]) -> [UInt8] { Array(splitLines(text).joined(separator: [10])) }
