internal import CLinux
public import CSMG

@c @implementation
public func smg_tokens_destroy(_ tokens: UnsafeMutablePointer<smg_tokens>!) {
    guard let tokens else { return }
    free(tokens.pointee.ids)
    tokens.pointee = smg_tokens()
}

extension Call {
    /// Gives a copy of `ids` to the caller.
    static func give(_ ids: UnsafeBufferPointer<UInt32>, to tokens: UnsafeMutablePointer<smg_tokens>) throws(Failure) {
        let bytes = ids.count * MemoryLayout<UInt32>.stride
        guard let copy = malloc(max(bytes, 1)) else { throw Failure(SMG_E_LIMIT, "out of memory") }
        if let base = ids.baseAddress { memcpy(copy, base, bytes) }
        tokens.pointee = smg_tokens(ids: copy.assumingMemoryBound(to: UInt32.self), len: ids.count)
    }

    /// Borrows the ids of an argument.
    static func ids(
        _ ids: UnsafePointer<UInt32>?, _ count: Int
    ) throws(Failure) -> UnsafeBufferPointer<UInt32> {
        guard count >= 0 else { throw .argument("count is larger than any memory") }
        guard count > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
        guard let ids else { throw .argument("ids is NULL, but count is not 0") }
        return UnsafeBufferPointer(start: ids, count: count)
    }

    /// The text of an argument.
    static func text(_ bytes: smg_bytes, _ name: StaticString) throws(Failure) -> String {
        guard let text = String(validating: try Call.bytes(bytes, name), as: UTF8.self) else {
            throw .argument("\(name) is not UTF-8")
        }
        return text
    }

    /// Whether the one flag that `flags` may have is set.
    static func flag(_ flags: Int32, _ flag: Int32) throws(Failure) -> Bool {
        guard flags & ~flag == 0 else { throw .argument("flags has bits that mean nothing here") }
        return flags & flag != 0
    }
}
