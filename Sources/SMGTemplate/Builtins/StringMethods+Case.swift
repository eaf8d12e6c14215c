internal import SMGBase

// Upper and lower case, and what kinds of characters a string has.
extension Renderer {
    func callCase(_ method: Method, _ text: UnsafeRawBufferPointer, _ arguments: CallArguments) throws(Stop) -> Value {
        try checkCount(arguments, "str method", 0...0)
        try chargeCharacters(text.count)
        switch method {
        case .upper: return try mapped(text, .upper)
        case .lower: return try mapped(text, .lower)
        case .casefold: return try mapped(text, .fold)
        case .swapcase: return try mapped(text, .swap)
        case .capitalize: return try mapped(text, .capitalize)
        case .title: return try mapped(text, .title)
        case .isascii: return .bool(text.allSatisfy { $0 < 0x80 })
        case .islower: return .bool(hasCase(text, upper: false))
        case .isupper: return .bool(hasCase(text, upper: true))
        case .istitle: return .bool(isTitle(text))
        case .isidentifier: return .bool(PythonText.isIdentifier(text.string))
        case .isprintable: return .bool(all(text, emptyIs: true) { PythonText.isPrintable($0) })
        case .isspace: return .bool(all(text) { PythonText.isSpace($0.value) })
        case .isalpha: return .bool(all(text) { $0.isPythonLetter })
        case .isdigit: return .bool(all(text) { $0.isPythonDigit })
        case .isdecimal: return .bool(all(text) { $0.properties.generalCategory == .decimalNumber })
        case .isnumeric: return .bool(all(text) { $0.properties.numericType != nil })
        case .isalnum:
            return .bool(
                all(text) { $0.isPythonLetter || $0.properties.numericType != nil })
        default: throw fail(.type, "'str' object has no attribute '\(method.name)'")
        }
    }

    private func all(
        _ text: UnsafeRawBufferPointer, emptyIs: Bool = false, _ holds: (Unicode.Scalar) -> Bool
    ) -> Bool {
        if text.count == 0 { return emptyIs }
        var at = 0
        while at < text.count {
            let (value, width) = PythonText.scalar(text, at)
            guard holds(Unicode.Scalar(value) ?? "\u{fffd}") else { return false }
            at += width
        }
        return true
    }

    private func hasCase(_ text: UnsafeRawBufferPointer, upper: Bool) -> Bool {
        var found = false
        var at = 0
        while at < text.count {
            let (value, width) = PythonText.scalar(text, at)
            at += width
            let scalar = Unicode.Scalar(value) ?? "\u{fffd}"
            switch scalar.pythonCase {
            case .upper: if !upper { return false } else { found = true }
            case .lower: if upper { return false } else { found = true }
            case .title: return false
            case .none: break
            }
        }
        return found
    }

    private func isTitle(_ text: UnsafeRawBufferPointer) -> Bool {
        var found = false
        var afterCased = false
        var at = 0
        while at < text.count {
            let (value, width) = PythonText.scalar(text, at)
            at += width
            switch (Unicode.Scalar(value) ?? "\u{fffd}").pythonCase {
            case .upper, .title:
                if afterCased { return false }
                afterCased = true
                found = true
            case .lower:
                if !afterCased { return false }
                found = true
            case .none: afterCased = false
            }
        }
        return found
    }

    /// What `mapped` makes of a string.
    enum CaseMapping { case upper, lower, fold, swap, capitalize, title }

    /// `text` with its letters in another case.
    func mapped(_ text: UnsafeRawBufferPointer, _ mapping: CaseMapping) throws(Stop) -> Value {
        let mark = out.writerIndex
        try reserve(text.count)
        var at = 0
        var afterCased = false
        while at < text.count {
            let (value, width) = PythonText.scalar(text, at)
            let isUpper: Bool
            let isTitled: Bool
            switch mapping {
            case .upper: (isUpper, isTitled) = (true, false)
            case .lower, .fold: (isUpper, isTitled) = (false, false)
            case .swap:
                isUpper = (Unicode.Scalar(value) ?? "\u{fffd}").pythonCase == .lower
                isTitled = false
            case .capitalize: (isUpper, isTitled) = (at == 0, at == 0)
            case .title: (isUpper, isTitled) = (!afterCased, !afterCased)
            }
            if value < 0x80 {
                let letter = UInt8(value)
                let isLetter = (letter | 0x20) &- 97 < 26
                out.append(isLetter ? (isUpper ? letter & ~0x20 : letter | 0x20) : letter)
                afterCased = isLetter
            } else {
                let scalar = Unicode.Scalar(value) ?? "\u{fffd}"
                try charge(2)
                out.append(string: spelled(scalar, mapping, isUpper: isUpper, isTitled: isTitled, text, at))
                afterCased = scalar.properties.isCased
            }
            at += width
        }
        return try taken(from: mark)
    }

    private func spelled(
        _ scalar: Unicode.Scalar, _ mapping: CaseMapping, isUpper: Bool, isTitled: Bool,
        _ text: UnsafeRawBufferPointer, _ at: Int
    ) -> String {
        if mapping == .fold {
            // Full case folding is what lower-casing the upper case gives, a few letters aside.
            return scalar.properties.uppercaseMapping.unicodeScalars.map(\.properties.lowercaseMapping).joined()
        }
        if mapping == .swap, scalar.pythonCase == .none { return String(Character(scalar)) }
        if isTitled { return scalar.properties.titlecaseMapping }
        if isUpper { return scalar.properties.uppercaseMapping }
        if scalar == "\u{3a3}" { return isFinalSigma(text, at) ? "\u{3c2}" : "\u{3c3}" }
        return scalar.properties.lowercaseMapping
    }

    /// Whether the sigma at `at` ends a word, which gives it its other small form.
    private func isFinalSigma(_ text: UnsafeRawBufferPointer, _ at: Int) -> Bool {
        var before = at
        var hasBefore = false
        while before > 0 {
            before = PythonText.previous(text, before)
            let scalar = Unicode.Scalar(PythonText.scalar(text, before).value) ?? "\u{fffd}"
            if scalar.properties.isCaseIgnorable { continue }
            hasBefore = scalar.properties.isCased
            break
        }
        guard hasBefore else { return false }
        var after = at + PythonText.scalar(text, at).width
        while after < text.count {
            let (value, width) = PythonText.scalar(text, after)
            let scalar = Unicode.Scalar(value) ?? "\u{fffd}"
            if !scalar.properties.isCaseIgnorable { return !scalar.properties.isCased }
            after += width
        }
        return true
    }
}

extension Unicode.Scalar {
    /// Which case a character has in Python's eyes.
    enum PythonCase { case none, upper, lower, title }

    var pythonCase: PythonCase {
        if properties.generalCategory == .titlecaseLetter { return .title }
        if properties.isUppercase { return .upper }
        return properties.isLowercase ? .lower : .none
    }

    var isPythonLetter: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    var isPythonDigit: Bool {
        properties.numericType == .decimal || properties.numericType == .digit
    }
}
