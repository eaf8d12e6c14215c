// swift-tools-version: 6.2
import PackageDescription

// One row per target: its name, what it may import, which system libraries it links.
// The arrows of docs/ARCHITECTURE.md are the `needs` lists; scripts/check compares them with the import lines.

/// Statically linked third-party libraries (the wheel) instead of the system's shared ones.
let selfContained = Context.environment["SMG_SELF_CONTAINED"] == "1"
/// `make check` builds with warnings as errors.
let strict = Context.environment["SMG_STRICT"] == "1"

let features: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        // Debug builds keep the exclusivity check; see docs/adr/0003-release-flags.md.
        .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
    ] + (strict ? [.unsafeFlags(["-warnings-as-errors"])] : [])
    // For what the library says of its own build.
    + (selfContained ? [.define("SMG_SELF_CONTAINED")] : [])

func link(_ libraries: [String]) -> [LinkerSetting] {
    selfContained
        ? [.unsafeFlags(libraries.flatMap { ["-Xlinker", "-l:lib\($0).a"] })]
        : libraries.map { .linkedLibrary($0) }
}

func room(_ name: String, needs: [String] = [], libraries: [String] = []) -> Target {
    .target(
        name: name, dependencies: needs.map { .byName(name: $0) },
        swiftSettings: features, linkerSettings: link(libraries))
}

func tests(_ name: String, needs: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: ([name] + needs).map { .byName(name: $0) },
        exclude: [], swiftSettings: features)
}

let package = Package(
    name: "smg",
    products: [
        // Not "smg": SwiftPM would drop it beside the library of that name. `make build` places it as smg.
        .executable(name: "smg-cli", targets: ["smg"]),
        .library(name: "smg", type: .dynamic, targets: ["SMGCABI"]),
    ],
    targets: [
        .target(name: "CLinux", path: "Sources/CLinux"),
        .systemLibrary(name: "CNGHTTP2", path: "Sources/CNGHTTP2"),
        .systemLibrary(name: "COpenSSL", path: "Sources/COpenSSL"),
        .systemLibrary(name: "CYAML", path: "Sources/CYAML"),
        room("SMGBase", needs: ["CLinux"]),
        tests("SMGBase"),
        room("SMGNet", needs: ["SMGBase", "CLinux", "COpenSSL"], libraries: ["ssl", "crypto"]),
        tests("SMGNet", needs: ["SMGBase", "CLinux", "COpenSSL"]),
        room("SMGHTTP", needs: ["SMGBase", "SMGNet", "CNGHTTP2"], libraries: ["nghttp2"]),
        tests("SMGHTTP", needs: ["SMGBase", "SMGNet", "CLinux", "COpenSSL"]),
        room("SMGTelemetry", needs: ["SMGBase", "CLinux"]),
        tests("SMGTelemetry", needs: ["SMGBase", "CLinux"]),
        room("SMGConfig", needs: ["SMGBase", "CYAML"], libraries: ["yaml"]),
        tests("SMGConfig", needs: ["SMGBase"]),
        room("SMGRouting", needs: ["SMGBase"]),
        tests("SMGRouting", needs: ["SMGBase"]),
        room("SMGJSON", needs: ["SMGBase"]),
        tests("SMGJSON", needs: ["SMGBase"]),
        room("SMGProtocols", needs: ["SMGBase", "SMGJSON"]),
        tests("SMGProtocols", needs: ["SMGBase", "SMGJSON"]),
        room("SMGSim", needs: ["SMGBase", "SMGJSON", "SMGProtocols", "SMGNet", "SMGHTTP"]),
        tests("SMGSim", needs: ["SMGBase", "SMGJSON", "SMGNet", "SMGHTTP"]),
        room(
            "SMGCore",
            needs: [
                "SMGBase", "SMGNet", "SMGHTTP", "SMGJSON", "SMGProtocols", "SMGRouting", "SMGTelemetry", "SMGConfig",
                "CLinux",
            ]),
        tests(
            "SMGCore",
            needs: [
                "SMGBase", "SMGNet", "SMGHTTP", "SMGJSON", "SMGProtocols", "SMGRouting", "SMGTelemetry", "SMGConfig",
            ]),
        .systemLibrary(name: "CSMG", path: "include"),
        .target(
            name: "SMGCABI", dependencies: ["CLinux", "CSMG", "SMGBase", "SMGConfig", "SMGCore", "SMGTelemetry"],
            swiftSettings: features,
            // libsmg.so exports what smg.h declares, and nothing of what is linked into it.
            linkerSettings: [
                .unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/include/smg.map"])
            ]),
        .executableTarget(
            name: "smg",
            dependencies: ["CLinux", "SMGBase", "SMGConfig", "SMGCore", "SMGNet", "SMGSim", "SMGTelemetry"],
            swiftSettings: features),
        .executableTarget(
            name: "RoutingBenchmark", dependencies: ["SMGBase", "SMGRouting"], path: "Tests/Benchmarks/routing",
            swiftSettings: features),
    ],
    swiftLanguageModes: [.v6]
)
