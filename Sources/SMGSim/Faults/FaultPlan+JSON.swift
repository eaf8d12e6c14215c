internal import SMGBase
package import SMGJSON

/// A member of a fault plan that cannot be read: its name and what it has to be.
package struct FaultPlanError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String
}

extension FaultPlan {
    /// Longest pause a plan may ask for: an hour.
    private static let longestMilliseconds = 3_600_000.0

    /// Reads `{"status":503,"count":2}` and the like. Members that are absent are off; unknown ones are errors, because
    /// a misspelled fault would make its test pass.
    package init(json: JSONSlice) throws(FaultPlanError) {
        guard json.kind == .object else { throw FaultPlanError(description: "the plan must be a JSON object") }
        self.init()
        for (key, value) in json.members where !value.isNull { try set(key.string, value) }
    }

    private mutating func set(_ name: String, _ value: JSONSlice) throws(FaultPlanError) {
        switch name {
        case "count": count = try Self.integer(name, value, 0...EngineLimits.maximumRequests)
        case "status": status = try Self.integer(name, value, 200...599)
        case "error_rate": errorRate = try Self.number(name, value, 0...1)
        case "error_status": errorStatus = try Self.integer(name, value, 200...599)
        case "delay_ms": delay = try Self.pause(name, value)
        case "stall_before_head": stallBeforeHead = try Self.bool(name, value)
        case "slow_head_ms": slowHead = try Self.pause(name, value)
        case "stall_after_tokens":
            stallAfterTokens = try Self.integer(name, value, 0...EngineLimits.maximumAnswerTokens)
        case "cut_after_tokens": cutAfterTokens = try Self.integer(name, value, 0...EngineLimits.maximumAnswerTokens)
        case "cut_before_head": cutBeforeHead = try Self.bool(name, value)
        case "reset": reset = try Self.bool(name, value)
        case "malformed_head": malformedHead = try Self.bool(name, value)
        case "length_mismatch": lengthMismatch = try Self.bool(name, value)
        case "close_reused": closeReused = try Self.bool(name, value)
        case "drop_connections": dropConnections = try Self.bool(name, value)
        case "unhealthy": unhealthy = try Self.bool(name, value)
        default: throw FaultPlanError(description: "there is no fault '\(name)'")
        }
    }

    private static func integer(
        _ name: String, _ value: JSONSlice, _ range: ClosedRange<Int>
    ) throws(FaultPlanError) -> Int {
        guard let number = value.int64.flatMap({ Int(exactly: $0) }), range.contains(number) else {
            throw FaultPlanError(
                description: "'\(name)' must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func number(
        _ name: String, _ value: JSONSlice, _ range: ClosedRange<Double>
    ) throws(FaultPlanError) -> Double {
        guard let number = value.double, range.contains(number) else {
            throw FaultPlanError(
                description: "'\(name)' must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func pause(_ name: String, _ value: JSONSlice) throws(FaultPlanError) -> TimeSpan {
        .seconds(try number(name, value, 0...longestMilliseconds) / 1000)
    }

    private static func bool(_ name: String, _ value: JSONSlice) throws(FaultPlanError) -> Bool {
        guard let flag = value.bool else { throw FaultPlanError(description: "'\(name)' must be true or false") }
        return flag
    }

    /// Writes every member, in the form `init(json:)` reads.
    package func write(to writer: inout JSONWriter) {
        func put(_ key: StaticString, _ value: Int?) {
            writer.key(key)
            if let value { writer.int(value) } else { writer.null() }
        }
        func put(_ key: StaticString, _ value: Bool) {
            writer.key(key)
            writer.bool(value)
        }
        func put(_ key: StaticString, _ value: Double) {
            writer.key(key)
            writer.double(value)
        }
        writer.beginObject()
        put("count", count)
        put("status", status)
        put("error_rate", errorRate)
        put("error_status", errorStatus)
        put("delay_ms", delay.seconds * 1000)
        put("stall_before_head", stallBeforeHead)
        put("slow_head_ms", slowHead.seconds * 1000)
        put("stall_after_tokens", stallAfterTokens)
        put("cut_after_tokens", cutAfterTokens)
        put("cut_before_head", cutBeforeHead)
        put("reset", reset)
        put("malformed_head", malformedHead)
        put("length_mismatch", lengthMismatch)
        put("close_reused", closeReused)
        put("drop_connections", dropConnections)
        put("unhealthy", unhealthy)
        writer.endObject()
    }
}
