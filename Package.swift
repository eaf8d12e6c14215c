// swift-tools-version: 6.2
import Foundation
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

/// A program of the benchmarks or of a conformance run; what lies beside its Swift sources belongs to its driver.
func program(_ name: String, needs: [String], _ path: String) -> Target {
    .executableTarget(
        name: name, dependencies: needs.map { .byName(name: $0) }, path: path, exclude: excluded(path),
        swiftSettings: features)
}

/// Files beside the Swift sources of a program.
func excluded(_ path: String) -> [String] {
    let files = try? FileManager.default.contentsOfDirectory(atPath: "\(Context.packageDirectory)/\(path)")
    return (files ?? []).filter { !$0.hasSuffix(".swift") && !$0.hasPrefix("__") }.sorted()
}

func tests(_ name: String, needs: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: ([name] + needs).map { .byName(name: $0) },
        exclude: [], swiftSettings: features)
}

/// `SMG_ONLY=SMGRouting swift test` builds and tests one room, with no more than it needs. Several: with commas.
let only = (Context.environment["SMG_ONLY"] ?? "").split(separator: ",").map(String.init)

let package = Package(
    name: "smg",
    products: [
        // Not "smg": SwiftPM would drop it beside the library of that name. `make build` places it as smg.
        .executable(name: "smg-cli", targets: ["smg"]),
        .library(name: "smg", type: .dynamic, targets: ["SMGCABI"]),
    ],
    targets: [
        // Programs that use no more of the C library than this still need its mathematics.
        .target(name: "CLinux", path: "Sources/CLinux", linkerSettings: [.linkedLibrary("m")]),
        // Constant tables, written by scripts/gen-unicode.
        .target(name: "CUnicodeTables", path: "Sources/CUnicodeTables"),
        .systemLibrary(name: "CNGHTTP2", path: "Sources/CNGHTTP2"),
        .systemLibrary(name: "COpenSSL", path: "Sources/COpenSSL"),
        .systemLibrary(name: "CPCRE2", path: "Sources/CPCRE2"),
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
        room("SMGUnicode", needs: ["SMGBase", "CUnicodeTables"]),
        tests("SMGUnicode", needs: ["SMGBase"]),
        room("SMGTemplate", needs: ["SMGBase", "SMGJSON", "SMGUnicode", "CLinux"]),
        tests("SMGTemplate", needs: ["SMGBase", "SMGJSON"]),
        room(
            "SMGTokenizer", needs: ["SMGBase", "SMGJSON", "SMGUnicode", "SMGTemplate", "CPCRE2"],
            libraries: ["pcre2-8"]),
        tests("SMGTokenizer", needs: ["SMGBase", "SMGJSON", "SMGUnicode", "SMGTemplate"]),
        room("SMGParsers", needs: ["SMGBase", "SMGJSON"]),
        tests("SMGParsers", needs: ["SMGBase", "SMGJSON"]),
        room("SMGSim", needs: ["SMGBase", "SMGJSON", "SMGProtocols", "SMGNet", "SMGHTTP"]),
        tests("SMGSim", needs: ["SMGBase", "SMGJSON", "SMGNet", "SMGHTTP"]),
        room(
            "SMGCore",
            needs: [
                "SMGBase", "SMGNet", "SMGHTTP", "SMGJSON", "SMGProtocols", "SMGRouting", "SMGTelemetry", "SMGConfig",
                "SMGTemplate", "SMGTokenizer", "SMGParsers", "CLinux",
            ]),
        tests(
            "SMGCore",
            needs: [
                "SMGBase", "SMGNet", "SMGHTTP", "SMGJSON", "SMGProtocols", "SMGRouting", "SMGTelemetry", "SMGConfig",
            ]),
        .systemLibrary(name: "CSMG", path: "include"),
        .target(
            name: "SMGCABI",
            dependencies: [
                "CLinux", "CSMG", "SMGBase", "SMGConfig", "SMGCore", "SMGJSON", "SMGParsers", "SMGTelemetry",
                "SMGTokenizer",
            ],
            swiftSettings: features,
            // libsmg.so exports what smg.h declares, and nothing of what is linked into it.
            linkerSettings: [
                .unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/include/smg.map"])
            ]),
        .executableTarget(
            name: "smg",
            dependencies: [
                "CLinux", "SMGBase", "SMGConfig", "SMGCore", "SMGJSON", "SMGNet", "SMGParsers", "SMGSim",
                "SMGTelemetry",
            ],
            swiftSettings: features),
        program("TokenizerConformance", needs: ["CLinux", "SMGBase", "SMGTokenizer"], "Tests/Conformance/tokenizers"),
        program("RoutingBenchmark", needs: ["SMGBase", "SMGRouting"], "Tests/Benchmarks/routing"),
        program("UnicodeBenchmark", needs: ["SMGBase", "SMGUnicode"], "Tests/Benchmarks/unicode"),
        program("ModelBenchmark", needs: ["SMGBase", "SMGTokenizer"], "Tests/Benchmarks/models"),
        program("TokenizerBenchmark", needs: ["CLinux", "SMGBase", "SMGTokenizer"], "Tests/Benchmarks/tokenizer"),
        program(
            "TemplateConformance", needs: ["CLinux", "SMGBase", "SMGJSON", "SMGTemplate"], "Tests/Conformance/templates"
        ),
        program("ToolParserBenchmark", needs: ["SMGBase", "SMGJSON", "SMGParsers"], "Tests/Benchmarks/parsers"),
        program("AnswerBenchmark", needs: ["SMGBase", "SMGJSON", "SMGParsers"], "Tests/Benchmarks/answers"),
    ],
    swiftLanguageModes: [.v6]
)

if !only.isEmpty {
    let targets = Dictionary(uniqueKeysWithValues: package.targets.map { ($0.name, $0) })
    var kept: Set<String> = []
    func keep(_ name: String) {
        guard let target = targets[name], kept.insert(name).inserted else { return }
        for case .byNameItem(let name, _) in target.dependencies { keep(name) }
    }
    for name in only {
        keep(name)
        keep("\(name)Tests")
    }
    package.targets.removeAll { !kept.contains($0.name) }
    package.products = []
}
