internal import SMGBase

extension WholePieces {
    /// The tokens of a model that are what merging makes of their own bytes: found by merging them all once. With
    /// `ignoresMerges` every token is whole by the rules of the model.
    init(
        _ tokens: borrowing TokenBytes, _ seeds: SymbolSeeds, _ rules: borrowing MergeRules,
        _ options: BytePairModel.Options, _ scratch: MergeScratch
    ) {
        var ids: [UInt32] = []
        ids.reserveCapacity(tokens.idLimit)
        var short = 0
        for id in 0..<UInt32(tokens.idLimit) {
            guard let bytes = tokens[id], !bytes.isEmpty else { continue }
            if !options.ignoresMerges {
                seeds.fill(scratch, bytes)
                rules.apply(scratch)
                guard scratch.count == 1, scratch.symbols[0] == id else { continue }
            }
            ids.append(id)
            if bytes.count <= Self.longestShort { short += 1 }
        }
        self.init(short: short, long: ids.count - short)
        for id in ids {
            if let bytes = tokens[id] { insert(bytes, id: id) }
        }
    }
}
