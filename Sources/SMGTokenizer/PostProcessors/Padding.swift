/// The section `padding` of a tokenizer.json.
struct Padding: Sendable, Equatable {
    /// The length to pad to; nil for that of the longest text of a batch.
    var fixedLength: Int?
    /// Lengths are rounded up to a multiple of this; nil or 0 for none.
    var multiple: Int?
    var id: UInt32
    /// Whether padding goes in front.
    var padsStart: Bool

    /// The length of rows whose longest has `longest` ids. Padding beyond the bound of texts is refused at load.
    func length(longest: Int) -> Int {
        let length = fixedLength ?? longest
        guard let multiple, multiple > 0, length % multiple > 0 else { return length }
        return length + multiple - length % multiple
    }

    /// Pads the ids from `start` to the end of `ids` as a batch of one.
    func apply(_ ids: TokenBuffer, from start: Int) {
        let count = ids.count - start
        let missing = length(longest: count) - count
        guard missing > 0 else { return }
        ids.reserve(missing)
        if padsStart {
            // From the end, because the two ranges may overlap.
            for i in stride(from: count - 1, through: 0, by: -1) { ids.base[start + missing + i] = ids.base[start + i] }
            for i in 0..<missing { ids.base[start + i] = id }
        } else {
            for i in 0..<missing { ids.base[start + count + i] = id }
        }
        ids.count += missing
    }

    /// Pads `rows` to each other.
    func apply(_ rows: inout [[UInt32]]) {
        let wanted = length(longest: rows.map(\.count).max() ?? 0)
        for i in rows.indices where rows[i].count < wanted {
            let padding = [UInt32](repeating: id, count: wanted - rows[i].count)
            rows[i] = padsStart ? padding + rows[i] : rows[i] + padding
        }
    }
}
