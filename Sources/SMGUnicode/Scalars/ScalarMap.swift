/// One number for every scalar, in two stages behind pointers to constant memory; 0 where the table says nothing.
struct ScalarMap<Value: FixedWidthInteger & BitwiseCopyable>: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): the memory is constant and lives as long as the process.

    /// The block of each run of 128 scalars; runs from `count` on have zeros only.
    private let stage: UnsafePointer<UInt16>
    private let count: UInt32
    private let blocks: UnsafePointer<Value>

    init(stage: UnsafePointer<UInt16>, count: UInt32, blocks: UnsafePointer<Value>) {
        self.stage = stage
        self.count = count
        self.blocks = blocks
    }

    /// The value for `scalar`, which may be any number.
    @inline(__always)
    subscript(scalar: UInt32) -> Value {
        let block = scalar &>> 7
        guard block < count else { return 0 }
        return blocks[Int(stage[Int(block)]) &<< 7 &+ Int(scalar & 0x7f)]
    }
}
