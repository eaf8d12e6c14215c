public import CSMG
internal import SMGBase
internal import SMGConfig

// What the library is: texts that live for ever.

private let versionText = CText(SMGVersion.text)
private let schemaText = CText(GatewayConfiguration.schema)
private let buildText = CText(
    #"{"version":"\#(SMGVersion.text)","abi_version":\#(SMG_ABI_VERSION),"compiler":"\#(BuildFacts.compiler)","#
        + #""configuration":"\#(BuildFacts.configuration)","self_contained":\#(BuildFacts.isSelfContained),"#
        + #""architecture":"\#(BuildFacts.architecture)"}"#)

/// What only the compiler knows.
private enum BuildFacts {
    #if compiler(>=6.4)
        static let compiler = "Swift 6.4 or newer"
    #elseif compiler(>=6.3)
        static let compiler = "Swift 6.3"
    #else
        static let compiler = "Swift 6.2 or older"
    #endif

    #if DEBUG
        static let configuration = "debug"
    #else
        static let configuration = "release"
    #endif

    #if SMG_SELF_CONTAINED
        static let isSelfContained = true
    #else
        static let isSelfContained = false
    #endif

    #if arch(x86_64)
        static let architecture = "x86_64"
    #elseif arch(arm64)
        static let architecture = "aarch64"
    #else
        static let architecture = "other"
    #endif
}

@c @implementation
public func smg_version() -> UnsafePointer<CChar>! { versionText.bytes }

@c @implementation
public func smg_abi_version() -> Int32 { SMG_ABI_VERSION }

@c @implementation
public func smg_build_info() -> UnsafePointer<CChar>! { buildText.bytes }

@c @implementation
public func smg_config_schema() -> UnsafePointer<CChar>! { schemaText.bytes }

@c @implementation
public func smg_status_name(_ status: smg_status) -> UnsafePointer<CChar>! {
    // SAFETY: a static string ends with a NUL and is never freed.
    UnsafeRawPointer(StatusName.text(status).utf8Start).assumingMemoryBound(to: CChar.self)
}
