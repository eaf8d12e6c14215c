internal import SMGBase

/// What a value of the template language is.
enum Tag: UInt8 {
    /// No value at all: an unset variable, an absent argument, the end of an iteration. Never seen by templates.
    case missing
    case undefined
    case none
    case bool
    case int
    case float
    /// An integer beyond 64 bits that came in as JSON: it can be printed and compared, not calculated with.
    case bigInt
    case string
    case list
    case tuple
    case dict
    case range
    /// The keys, values or items of a dictionary.
    case view
    /// A lazy sequence that is consumed by iterating, such as what `map` returns.
    case generator
    case namespace
    case macro
    case loop
    case function
    /// A method bound to its object.
    case method
    case cycler
    case joiner
}

/// A value of the template language: 16 plain bytes, copied without reference counts.
///
/// SAFETY: the pointers of a value lead into the renderer's `Arena`, the program's constants or the input, which all
/// live until the rendering ends; a value never leaves its rendering. Only the accessor that belongs to the tag may be
/// used.
struct Value {
    /// The number, or the address of what the value stands for.
    var bits: UInt64
    /// The bytes of a string; the number of a function, method or view.
    var aux: UInt32
    var tag: Tag
    /// A string marked as safe HTML, a named pair among tuples, the kind of an undefined value.
    var flag: UInt8
    /// What an undefined attribute was looked up on.
    var owner: Tag

    @inline(__always)
    init(_ tag: Tag, bits: UInt64 = 0, aux: UInt32 = 0, flag: UInt8 = 0, owner: Tag = .missing) {
        self.bits = bits
        self.aux = aux
        self.tag = tag
        self.flag = flag
        self.owner = owner
    }

    @inline(__always)
    init(_ tag: Tag, at pointer: UnsafeRawPointer, aux: UInt32 = 0, flag: UInt8 = 0) {
        self.init(tag, bits: UInt64(UInt(bitPattern: pointer)), aux: aux, flag: flag)
    }

    static var missing: Value { Value(.missing) }
    static var none: Value { Value(.none) }

    @inline(__always)
    static func bool(_ value: Bool) -> Value { Value(.bool, bits: value ? 1 : 0) }

    @inline(__always)
    static func int(_ value: Int) -> Value { Value(.int, bits: UInt64(bitPattern: Int64(value))) }

    @inline(__always)
    static func float(_ value: Double) -> Value { Value(.float, bits: value.bitPattern) }

    /// A string; its bytes are well-formed UTF-8 and shorter than 4 GiB, which the bounds of input and arena see to.
    @inline(__always)
    static func string(_ text: UnsafeRawBufferPointer, safe: Bool = false) -> Value {
        Value(
            .string, bits: UInt64(UInt(bitPattern: text.baseAddress)), aux: UInt32(truncatingIfNeeded: text.count),
            flag: safe ? 1 : 0)
    }

    /// A string that is part of this program.
    static func string(_ text: StaticString) -> Value {
        .string(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    static func list(_ storage: UnsafeMutablePointer<ListStorage>) -> Value { Value(.list, at: storage) }
    static func tuple(_ storage: UnsafeMutablePointer<ListStorage>) -> Value { Value(.tuple, at: storage) }
    static func dict(_ storage: UnsafeMutablePointer<DictStorage>) -> Value { Value(.dict, at: storage) }
}

extension Value {
    @inline(__always)
    var pointer: UnsafeMutableRawPointer { UnsafeMutableRawPointer(bitPattern: UInt(bits)).unsafelyUnwrapped }

    @inline(__always)
    var bool: Bool { bits != 0 }

    @inline(__always)
    var int: Int { Int(truncatingIfNeeded: Int64(bitPattern: bits)) }

    @inline(__always)
    var float: Double { Double(bitPattern: bits) }

    /// The bytes of a string or the digits of a big integer.
    @inline(__always)
    var text: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: UInt(bits)), count: Int(aux))
    }

    @inline(__always)
    var list: UnsafeMutablePointer<ListStorage> { pointer.assumingMemoryBound(to: ListStorage.self) }

    @inline(__always)
    var dict: UnsafeMutablePointer<DictStorage> { pointer.assumingMemoryBound(to: DictStorage.self) }

    var range: UnsafeMutablePointer<RangeStorage> { pointer.assumingMemoryBound(to: RangeStorage.self) }
    var iterator: UnsafeMutablePointer<IteratorState> { pointer.assumingMemoryBound(to: IteratorState.self) }
    var loop: UnsafeMutablePointer<LoopState> { pointer.assumingMemoryBound(to: LoopState.self) }
    var macro: UnsafeMutablePointer<MacroState> { pointer.assumingMemoryBound(to: MacroState.self) }
    var cell: UnsafeMutablePointer<Cell> { pointer.assumingMemoryBound(to: Cell.self) }

    @inline(__always)
    var isMissing: Bool { tag == .missing }

    @inline(__always)
    var isUndefined: Bool { tag == .undefined }

    var isString: Bool { tag == .string }

    /// Marked as safe HTML by `safe` or `escape`.
    var isSafe: Bool { tag == .string && flag != 0 }

    /// The value as an integer where Python takes one: integers and booleans.
    @inline(__always)
    var index: Int? { tag == .int || tag == .bool ? int : nil }

    /// The value as a double where Python takes any number; nil for other values.
    var number: Double? {
        switch tag {
        case .int, .bool: Double(int)
        case .float: float
        case .bigInt: Double(text.string)
        default: nil
        }
    }
}

/// Why a value is undefined, kept in its `flag`. The text of the value names it.
enum UndefinedKind: UInt8 {
    /// A variable that nobody set.
    case variable
    /// An attribute or key that the owner lacks.
    case attribute
    /// The text is the whole message.
    case hint
    /// An attribute the sandbox hides.
    case forbidden
}

extension Value {
    /// An undefined value about `name`.
    @inline(__always)
    static func undefined(_ kind: UndefinedKind, _ name: UnsafeRawBufferPointer, of owner: Tag = .missing) -> Value {
        Value(
            .undefined, bits: UInt64(UInt(bitPattern: name.baseAddress)), aux: UInt32(truncatingIfNeeded: name.count),
            flag: kind.rawValue, owner: owner)
    }

    static func undefined(_ hint: StaticString) -> Value {
        .undefined(.hint, UnsafeRawBufferPointer(start: hint.utf8Start, count: hint.utf8CodeUnitCount))
    }
}

/// The items of a list or tuple. A list that came in as JSON is read when it is first touched.
struct ListStorage {
    var items: UnsafeMutablePointer<Value>?
    var count: Int
    /// The array's bytes until it is read.
    var json: UnsafeRawPointer?
    var jsonCount: Int
}

/// The arithmetic progression a `range` stands for.
struct RangeStorage {
    var start: Int
    var step: Int
    var count: Int

    func item(_ at: Int) -> Int { start &+ at &* step }
    /// Where the progression ends, excluded.
    var stop: Int
}

/// Two values and a mutable number: bound methods, joiners, cyclers.
struct Cell {
    var first: Value
    var second: Value
    var position: Int
}
