internal import SMGBase
internal import SMGHTTP
internal import SMGProtocols

/// The paths of a simulated engine.
enum EnginePath: Equatable {
    case inference(Endpoint)
    case health, healthGenerate, models, modelInfo, serverInfo, load, loads, flushCache, metrics
    case stats, fault, wait, lastBody

    init?(_ path: UnsafeRawBufferPointer) {
        if let endpoint = Endpoint(path: path) {
            self = .inference(endpoint)
            return
        }
        for (text, known) in EnginePath.fixed where path.equals(text) {
            self = known
            return
        }
        return nil
    }

    private static let fixed: [(StaticString, EnginePath)] = [
        ("/health", .health), ("/health_generate", .healthGenerate), ("/v1/models", .models),
        ("/get_model_info", .modelInfo), ("/model_info", .modelInfo), ("/get_server_info", .serverInfo),
        ("/server_info", .serverInfo), ("/get_load", .load), ("/v1/loads", .loads), ("/flush_cache", .flushCache),
        ("/metrics", .metrics), ("/sim/stats", .stats), ("/sim/fault", .fault), ("/sim/wait", .wait),
        ("/sim/last_body", .lastBody),
    ]

    func allows(_ method: HTTPMethod) -> Bool {
        switch self {
        case .inference: method == .post
        case .flushCache: method == .post || method == .get
        case .fault: method == .post || method == .get
        default: method == .get || method == .head
        }
    }

    /// Whether it steers the simulation instead of being part of it: no key, no faults.
    var isControl: Bool {
        switch self {
        case .stats, .fault, .wait, .lastBody: true
        default: false
        }
    }

    /// Whether a key is needed when the engine has one.
    var needsKey: Bool { !isControl && self != .health && self != .healthGenerate && self != .metrics }
}
