internal import SMGBase

/// Finds the first of a request's stop strings in a text that comes in pieces: the one that begins earliest, of those
/// that begin at the same place the longest. The text up to its end is passed on, the rest is dropped.
///
/// Every byte costs one step per stop string, however long they are.
struct StopStrings {
    private let patterns: [[UInt8]]
    /// Per pattern and length matched: the longest shorter prefix that is a suffix of it.
    private let failures: [[Int]]
    /// Per pattern: how many of its bytes the text ends with, at most.
    private var matched: [Int]
    /// Bytes of the text so far.
    private var position = 0
    /// The best match so far, as positions in the text. One that begins earlier may still end later.
    private var best: Range<Int>?
    /// The text behind the best match.
    private var held: [UInt8] = []

    /// Empty stop strings are left out.
    init(_ stops: [String]) {
        patterns = stops.map { Array($0.utf8) }.filter { !$0.isEmpty }
        failures = patterns.map(Self.failures)
        matched = Array(repeating: 0, count: patterns.count)
    }

    var isEmpty: Bool { patterns.isEmpty }

    /// Whether a stop string was found, though a better one may still come.
    var hasMatch: Bool { best != nil }

    /// Passes the next piece on as far as it belongs to the text; true when the text ends in it.
    mutating func accept(_ text: UnsafeRawBufferPointer, _ emit: (UnsafeRawBufferPointer) -> Void) -> Bool {
        var start = 0
        for (i, byte) in text.enumerated() {
            let isBehind = best != nil
            if isBehind { held.append(byte) }
            let isBetter = step(byte)
            guard best != nil else { continue }
            if isBetter {
                if isBehind { held.withUnsafeBytes(emit) } else { emit(text.slice(start..<i + 1)) }
                held.removeAll(keepingCapacity: true)
            }
            start = text.count
            if isDecided { return true }
        }
        emit(text.slice(start..<text.count))
        return false
    }

    /// Takes one byte; true when a better match than before ends with it.
    private mutating func step(_ byte: UInt8) -> Bool {
        position += 1
        var isBetter = false
        for (i, pattern) in patterns.enumerated() {
            var length = matched[i]
            while length > 0, length == pattern.count || pattern[length] != byte { length = failures[i][length - 1] }
            if pattern[length] == byte { length += 1 }
            matched[i] = length
            if length == pattern.count, isPreferred(position - length, count: length) {
                best = position - length..<position
                isBetter = true
            }
        }
        return isBetter
    }

    /// Whether a match of `count` bytes at `start` would take the place of the best one.
    private func isPreferred(_ start: Int, count: Int) -> Bool {
        guard let best else { return true }
        return start < best.lowerBound || start == best.lowerBound && count > best.count
    }

    /// Whether no match that is under way can take the place of the best one.
    private var isDecided: Bool {
        !patterns.indices.contains { i in
            matched[i] > 0 && matched[i] < patterns[i].count
                && isPreferred(position - matched[i], count: patterns[i].count)
        }
    }

    private static func failures(_ pattern: [UInt8]) -> [Int] {
        var result = Array(repeating: 0, count: pattern.count)
        var length = 0
        for i in pattern.indices.dropFirst() {
            while length > 0, pattern[i] != pattern[length] { length = result[length - 1] }
            if pattern[i] == pattern[length] { length += 1 }
            result[i] = length
        }
        return result
    }
}
