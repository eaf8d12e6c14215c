internal import CLinux
public import CSMG
internal import SMGBase

@c @implementation
public func smg_buffer_destroy(_ buffer: UnsafeMutablePointer<smg_buffer>!) {
    guard let buffer else { return }
    free(buffer.pointee.data)
    buffer.pointee = smg_buffer()
}

extension Call {
    /// Gives a copy of `text`, with a NUL behind it, to the caller.
    static func give(_ text: ByteBuffer, to buffer: UnsafeMutablePointer<smg_buffer>) throws(Failure) {
        let count = text.readableCount
        guard let copy = malloc(count + 1) else { throw Failure(SMG_E_LIMIT, "out of memory") }
        withExtendedLifetime(text) {
            if let base = text.readable.baseAddress { memcpy(copy, base, count) }
        }
        copy.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
        buffer.pointee = smg_buffer(data: copy.assumingMemoryBound(to: UInt8.self), len: count)
    }

    /// Gives the document that `make` describes a running gateway with.
    static func document(
        _ error: ErrorOut, _ buffer: UnsafeMutablePointer<smg_buffer>?, _ name: StaticString,
        _ make: () throws(Failure) -> ByteBuffer
    ) -> smg_status {
        buffer?.pointee = smg_buffer()
        return run(error) { () throws(Failure) in
            guard let buffer else { throw .argument("\(name) is NULL") }
            try give(try make(), to: buffer)
        }
    }
}
