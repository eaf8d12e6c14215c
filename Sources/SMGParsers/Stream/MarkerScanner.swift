internal import SMGBase

/// Finds the first of a few fixed texts in an answer, and what at the end of a piece may still become one.
///
/// Make one per state of a parser, with the markers that count there, and keep it in the parser.
package struct MarkerScanner: Sendable {
    /// What stands first.
    package enum Hit: Hashable, Sendable {
        /// Marker number `index`, in the order they were given, at `range`. Of markers that begin at the same place the
        /// longest counts.
        case marker(index: Int, range: Range<Int>)
        /// No marker. What is before `safe` is none and begins none; what is behind it may begin one.
        case none(safe: Int)
    }

    private let markers: [StaticString]
    private let search: ByteSearch

    /// `markers` must not be empty, and none of them either. At most `ByteSearch.maximumBytes` different first bytes.
    package init(_ markers: StaticString...) {
        self.init(markers)
    }

    /// The same, for a list made elsewhere.
    package init(_ markers: [StaticString]) {
        self.markers = markers
        search = ByteSearch(markers.map { $0.utf8Start[0] })
    }

    /// The first marker at or after `start`. With `last` nothing comes behind `bytes`: a marker that is not whole is
    /// none, and `safe` is the end.
    package func first(in bytes: UnsafeRawBufferPointer, from start: Int = 0, last: Bool) -> Hit {
        var at = start
        while true {
            at = search.first(in: bytes, from: at)
            if at >= bytes.count { return .none(safe: bytes.count) }
            switch match(bytes, at) {
            case .no: at &+= 1
            case .whole(let index): return .marker(index: index, range: at..<at &+ markers[index].utf8CodeUnitCount)
            case .open(let index):
                if !last { return .none(safe: at) }
                if index >= 0 { return .marker(index: index, range: at..<at &+ markers[index].utf8CodeUnitCount) }
                at &+= 1
            }
        }
    }

    /// The marker that stands exactly at `at`.
    package func marker(in bytes: UnsafeRawBufferPointer, at: Int, last: Bool) -> MarkerMatch {
        let found = match(bytes, at)
        guard last, case .open(let index) = found else { return found }
        return index >= 0 ? .whole(index) : .no
    }

    @inline(__always)
    private func match(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> MarkerMatch {
        var best = -1
        var bestCount = 0
        var longestOpen = 0
        for index in 0..<markers.count {
            let marker = markers[index]
            let count = marker.utf8CodeUnitCount
            let common = min(count, bytes.count &- at)
            var same = 0
            while same < common, bytes[at &+ same] == marker.utf8Start[same] { same &+= 1 }
            if same == count {
                if count > bestCount {
                    best = index
                    bestCount = count
                }
            } else if same == common {
                longestOpen = max(longestOpen, count)
            }
        }
        if longestOpen > bestCount { return .open(best) }
        return best >= 0 ? .whole(best) : .no
    }
}

// MARK: - Passing text on

extension MarkerScanner {
    /// A marker of the list and where it stands.
    typealias Found = (index: Int, range: Range<Int>)

    /// Passes text on as content up to the first marker, where `at` then stands. Nil when there is none: `at` stands
    /// behind what is certain.
    @inline(__always)
    func passContent(
        _ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput
    ) -> Found? {
        let start = at
        let found = skip(input, &at, last)
        output.content(input.slice(start..<at))
        return found
    }

    /// Passes the text of a broken call on as its arguments, up to the first marker, which ends it; else as
    /// `passContent`.
    func passBroken(
        _ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, call: Int, _ output: ParserOutput
    ) -> Found? {
        let start = at
        let found = skip(input, &at, last)
        output.arguments(call, input.slice(start..<at))
        if found != nil { output.endCall(call, complete: false) }
        return found
    }

    @inline(__always)
    private func skip(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool) -> Found? {
        switch first(in: input, from: at, last: last) {
        case .none(let safe):
            at = safe
            return nil
        case .marker(let index, let range):
            at = range.lowerBound
            return (index, range)
        }
    }
}

/// What one place holds, for the markers of a `MarkerScanner`.
package enum MarkerMatch: Hashable, Sendable {
    /// No marker begins here, whatever follows.
    case no
    /// This marker stands here.
    case whole(Int)
    /// The bytes end inside what may become a marker; a shorter one that stands here already, or -1.
    case open(Int)
}
