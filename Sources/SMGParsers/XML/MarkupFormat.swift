/// A family of calls written in tags: which markers it has, and the few rules that differ between families. One value
/// is made per family and shared by all its parsers; `MarkupParser` reads by it.
///
/// The shape that all have in common:
///
///     section-open  call-open NAME  { parameter-open KEY  VALUE  value-close }  call-close  … section-close
///
/// Whitespace between these is layout and belongs to nothing.
final class MarkupFormat: Sendable {
    /// What a marker does where it stands.
    enum Role: Sendable {
        case sectionOpen, sectionClose, callOpen, callClose, parameter, valueClose
        /// Means nothing by itself and is left out.
        case ignored
    }

    /// Where `&lt;` and its like are decoded.
    enum Entities: Sendable {
        case nowhere, inAttributes, everywhere
    }

    /// The markers that count in one place, with what they do.
    struct Table: Sendable {
        let scanner: MarkerScanner
        let roles: [Role]
        /// The markers' lengths.
        let counts: [Int]

        init(_ rows: [(Role, StaticString?)]) {
            let present = rows.compactMap { row in row.1.map { (row.0, $0) } }
            scanner = MarkerScanner(present.map { $0.1 })
            roles = present.map { $0.0 }
            counts = present.map { $0.1.utf8CodeUnitCount }
        }
    }

    let sectionOpen: StaticString
    let sectionClose: StaticString
    /// What may stand behind a call of several: the section's end or the next call.
    let behindCall: [StaticString]
    /// Stands before the call's tag, whole.
    let callPrefix: StaticString?
    let callTag: MarkupTag
    let parameterTag: MarkupTag
    /// Whether the section ends with its one call.
    let isSectionOneCall: Bool
    /// What the flag of a parameter's tag says when the value is text; otherwise it is JSON. Nil: the tool's schema says
    /// what the value is.
    let textFlag: StaticString?
    let entities: Entities
    /// Whether one newline behind a parameter's opening tag, and one before its closing tag, are layout.
    let trimsNewlines: Bool
    /// Whether a call may hold a JSON object instead of parameters.
    let allowsJSONBody: Bool

    /// Outside of sections.
    let outside: Table
    /// In a section, between calls.
    let between: Table
    /// In a call, between parameters.
    let inCall: Table
    /// In a value: its end, and what stands where the end was forgotten.
    let inValue: Table
    /// The end of a call whose JSON is broken.
    let callClose: MarkerScanner

    /// `callTrailer` may stand behind a call. `ignored` are markers that are left out of the content.
    init(
        section: (open: StaticString, close: StaticString), callPrefix: StaticString? = nil, call: MarkupTag,
        callClose: StaticString, callTrailer: StaticString? = nil, parameter: MarkupTag, valueClose: StaticString,
        ignored: [StaticString] = [], textFlag: StaticString? = nil, entities: Entities = .nowhere,
        trimsNewlines: Bool = false, allowsJSONBody: Bool = false
    ) {
        sectionOpen = section.open
        sectionClose = section.close
        behindCall = [section.close] + [callPrefix ?? call.open].compactMap { $0 }
        self.callPrefix = callPrefix
        callTag = call
        parameterTag = parameter
        self.textFlag = textFlag
        self.entities = entities
        self.trimsNewlines = trimsNewlines
        self.allowsJSONBody = allowsJSONBody
        let callOpen = callPrefix ?? call.open
        isSectionOneCall = callOpen == nil
        // A section of one call ends with it: `callClose` and the section's close are one marker then.
        let furtherClose = isSectionOneCall ? nil : section.close
        outside = Table([(.sectionOpen, section.open)] + ignored.map { (.ignored, $0) })
        between = Table([
            (.callOpen, callOpen), (.sectionClose, section.close), (.sectionOpen, section.open),
            (.ignored, callTrailer),
        ])
        inCall = Table([
            (.parameter, parameter.open), (.callClose, callClose), (.callClose, callTrailer),
            (.sectionClose, furtherClose), (.sectionOpen, section.open), (.callOpen, callOpen),
        ])
        inValue = Table([
            (.valueClose, valueClose), (.parameter, parameter.open), (.callClose, callClose),
            (.sectionOpen, section.open), (.callOpen, callOpen),
        ])
        self.callClose = MarkerScanner(callClose)
    }
}
