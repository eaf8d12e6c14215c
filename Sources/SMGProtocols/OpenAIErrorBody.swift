package import SMGBase
internal import SMGJSON

/// The error object every client of an OpenAI-like API understands:
/// `{"error":{"message":…,"type":…,"param":…,"code":…}}`.
package enum OpenAIErrorBody {
    /// Appends the object. `param` is null when the error is about no parameter.
    package static func append(
        message: String, type: StaticString, param: String? = nil, code: StaticString, to buffer: ByteBuffer
    ) {
        var writer = JSONWriter(buffer)
        writer.beginObject()
        writer.key("error" as StaticString)
        writer.beginObject()
        writer.key("message" as StaticString)
        writer.string(message)
        writer.key("type" as StaticString)
        writer.string(type)
        writer.key("param" as StaticString)
        if let param { writer.string(param) } else { writer.null() }
        writer.key("code" as StaticString)
        writer.string(code)
        writer.endObject()
        writer.endObject()
    }

    /// Appends the object for a refused request body.
    package static func append(_ error: RequestError, to buffer: ByteBuffer) {
        append(
            message: error.message, type: RequestError.type, param: error.parameter?.rawValue, code: error.code,
            to: buffer)
    }
}
