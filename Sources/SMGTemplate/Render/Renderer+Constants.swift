internal import SMGBase

// Values that are known while compiling.
extension Renderer {
    /// What a constant prints; nil when it has to be printed at run time.
    func constantText(_ value: Value) -> String? {
        let mark = out.writerIndex
        defer { out.writerIndex = mark }
        do throws(Stop) {
            try print(value)
            return out.slice(mark..<out.writerIndex).string
        } catch { return nil }
    }

    /// The truth of a constant.
    func constantTruth(_ value: Value) -> Bool? {
        do throws(Stop) { return try isTrue(value) } catch { return nil }
    }

    /// A list or tuple of constants.
    func constantSequence(_ values: [Value], isTuple: Bool) -> Value? {
        do throws(Stop) {
            var builder = ListBuilder()
            for value in values { try append(value, to: &builder) }
            return isTuple ? try tuple(builder) : try list(builder)
        } catch { return nil }
    }

    /// A dictionary of constants, keys and values in turn; nil when a key cannot be one, which is a matter of run time.
    func constantDict(_ values: [Value]) -> Value? {
        do throws(Stop) {
            let dict = try newDict(capacity: values.count / 2)
            for at in stride(from: 0, to: values.count - 1, by: 2) { try set(dict, values[at], values[at + 1]) }
            return .dict(dict)
        } catch { return nil }
    }
}
