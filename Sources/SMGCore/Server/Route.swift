internal import SMGBase
internal import SMGHTTP
internal import SMGProtocols

/// The gateway's own paths, and the inference paths for the sake of their 405.
enum Route: Equatable {
    case liveness, readiness, healthGenerate, models
    /// Asked of a worker under this path.
    case modelInfo
    case serverInfo
    case loads, flushCache, workers
    /// `/workers/KEY`: the still encoded id or URL.
    case worker(Range<Int>)
    case inference

    init?(path: UnsafeRawBufferPointer) {
        for (text, route) in Route.fixed where path.equals(text) {
            self = route
            return
        }
        let prefix: StaticString = "/workers/"
        if path.hasPrefix(prefix), path.count > prefix.utf8CodeUnitCount {
            self = .worker(prefix.utf8CodeUnitCount..<path.count)
            return
        }
        guard Endpoint(path: path) != nil else { return nil }
        self = .inference
    }

    private static let fixed: [(StaticString, Route)] = [
        ("/health", .liveness), ("/liveness", .liveness), ("/readiness", .readiness),
        ("/health_generate", .healthGenerate), ("/v1/models", .models), ("/get_model_info", .modelInfo),
        ("/model_info", .modelInfo), ("/get_server_info", .serverInfo), ("/server_info", .serverInfo),
        ("/get_loads", .loads), ("/flush_cache", .flushCache), ("/workers", .workers),
    ]

    func allows(_ method: HTTPMethod) -> Bool {
        switch self {
        case .liveness, .readiness, .healthGenerate, .models, .modelInfo, .serverInfo: method == .get || method == .head
        case .loads: method == .get
        case .flushCache, .inference: method == .post
        case .workers: method == .get || method == .post
        case .worker: method == .get || method == .delete
        }
    }

    /// For the Allow field.
    var methodList: String {
        switch self {
        case .liveness, .readiness, .healthGenerate, .models, .modelInfo, .serverInfo: "GET, HEAD"
        case .loads: "GET"
        case .flushCache, .inference: "POST"
        case .workers: "GET, POST"
        case .worker: "GET, DELETE"
        }
    }

    /// Whether it changes or shows the fleet.
    var isAdmin: Bool {
        switch self {
        case .loads, .flushCache, .workers, .worker: true
        default: false
        }
    }

    var needsKey: Bool { isAdmin || self == .inference }
}
