import SMGBase
import SMGConfig
import SMGJSON
import SMGRouting
import Testing

@testable import SMGCore

@Suite struct WorkerDescriptionTests {
    static func parse(_ json: String) throws(GatewayError) -> WorkerSpec {
        let bytes = ByteBuffer(Array(json.utf8))
        return try WorkerDescription.parse(bytes.readable)
    }

    /// Code and parameter of the refusal, or "accepted".
    static func refusal(_ json: String) -> String {
        do throws(GatewayError) { _ = try parse(json) } catch { return "\(error.code.rawValue) \(error.param ?? "-")" }
        return "accepted"
    }

    // MARK: - Reading

    @Test func readsEverything() throws {
        let spec = try Self.parse(
            #"""
            {"url":"HTTP://W:8000/","api_key":"s3cret","model_id":"m\u00e9","priority":7,"cost":0.5,
             "labels":{"zone":"a","gpu":"h\"100"},"worker_type":"regular","health_check_timeout_secs":30}
            """#)
        #expect(spec.url.description == "http://w:8000")
        #expect(spec.apiKey?.value == "s3cret")
        #expect(spec.modelID == "mé" && spec.priority == 7 && spec.cost == 0.5)
        #expect(spec.labels == ["zone": "a", "gpu": "h\"100"])
    }

    @Test func fillsInDefaults() throws {
        for json in [
            #"{"url":"http://w"}"#,
            #"{"url":"http://w","api_key":null,"model_id":null,"priority":null,"#
                + #""cost":null,"labels":null,"worker_type":null}"#,
        ] {
            let spec = try Self.parse(json)
            #expect(spec.apiKey == nil && spec.modelID == nil && spec.labels.isEmpty)
            #expect(spec.priority == 50 && spec.cost == 1)
        }
    }

    @Test(arguments: [
        ("", "json_parse_error -"), ("{", "json_parse_error -"), ("[]", "invalid_request -"),
        ("null", "invalid_request -"),
        ("{}", "missing_required_parameter url"), (#"{"url":null}"#, "missing_required_parameter url"),
        (#"{"url":1}"#, "invalid_request url"), (#"{"url":"w:80"}"#, "invalid_request url"),
        (#"{"url":"http://u:p@w"}"#, "invalid_request url"), (#"{"url":"http://w/\r\nx:y"}"#, "invalid_request url"),
    ]) func refuses(json: String, refusal: String) {
        #expect(Self.refusal(json) == refusal)
    }

    @Test(arguments: [
        (#""api_key":"a b""#, "api_key"), (#""api_key":"""#, "api_key"), (#""api_key":1"#, "api_key"),
        (#""api_key":"k\r\nx-admin: 1""#, "api_key"), (#""api_key":"k\u0000""#, "api_key"),
        (#""api_key":"é""#, "api_key"),
        (#""model_id":"""#, "model_id"), (#""model_id":3"#, "model_id"), (#""priority":-1"#, "priority"),
        (#""priority":4294967296"#, "priority"), (#""priority":1.5"#, "priority"), (#""priority":"1""#, "priority"),
        (#""cost":-1"#, "cost"), (#""cost":1e999"#, "cost"), (#""cost":true"#, "cost"), (#""labels":[]"#, "labels"),
        (#""labels":{"a":1}"#, "labels"), (#""worker_type":"prefill""#, "worker_type"),
        (#""worker_type":[]"#, "worker_type"),
    ]) func refusesWhatCannotBe(member: String, param: String) {
        #expect(Self.refusal("{\"url\":\"http://w\",\(member)}") == "invalid_request \(param)")
    }

    @Test func boundsAreKept() throws {
        func labels(_ count: Int) -> String {
            let list = (0..<count).map { #""k\#($0)":"v""# }.joined(separator: ",")
            return #"{"url":"http://w","labels":{\#(list)}}"#
        }
        #expect(Self.refusal(labels(64)) == "accepted")
        #expect(Self.refusal(labels(65)) == "invalid_request labels")
        for (member, most) in [("api_key", 4096), ("model_id", 1024)] {
            let longest = String(repeating: "x", count: most)
            #expect(Self.refusal(#"{"url":"http://w","\#(member)":"\#(longest)"}"#) == "accepted")
            #expect(Self.refusal(#"{"url":"http://w","\#(member)":"\#(longest)x"}"#) == "invalid_request \(member)")
        }
        #expect(Self.refusal(#"{"url":"http://w","priority":4294967295}"#) == "accepted")
    }

    // MARK: - Writing

    static func written(_ body: (inout JSONWriter) -> Void) -> String {
        let buffer = ByteBuffer(capacity: 64)
        var writer = JSONWriter(buffer)
        body(&writer)
        return buffer.readableString
    }

    @Test func writesAWorkerWithoutItsKey() throws {
        var spec = try Fleet.spec("http://w:1", key: "s3cret")
        spec.labels = ["b": "2", "a": "\"1\"\n"]
        spec.cost = 0.25
        let worker = Worker(
            id: "id-1", spec: spec, modelID: "m/\"x\"", tenant: 0, health: Fleet.health, breaker: Fleet.breaker)
        worker.activate(now: Fleet.at(0))
        worker.slot.acquire()
        let json = Self.written { WorkerDescription.write(worker, to: &$0) }
        worker.slot.release()
        #expect(
            json
                == #"{"id":"id-1","url":"http://w:1","model_id":"m/\"x\"","priority":50,"cost":0.25,"#
                + #""worker_type":"regular","is_healthy":true,"status":"ready","load":1,"connection_mode":"HTTP","#
                + #""metadata":{"a":"\"1\"\n","b":"2"},"circuit_breaker":"closed"}"#)
        for _ in 0..<3 { worker.recordFailure(now: Fleet.at(0)) }
        #expect(Self.written { WorkerDescription.write(worker, to: &$0) }.hasSuffix(#""circuit_breaker":"open"}"#))
    }

    @Test func writesAPendingWorkerWithoutItsKey() throws {
        let registry = Fleet.registry()
        let pending = try registry.announce(try Fleet.spec("http://w:1", key: "s3cret"))
        #expect(registry.note(pending.id, status: .failed, message: "no \"route\""))
        let noted = try #require(registry.pendingWorker(pending.id))
        let json = Self.written { WorkerDescription.write(noted, to: &$0) }
        #expect(!json.contains("s3cret"))
        let bytes = ByteBuffer(Array(json.utf8))
        let root = try JSONSlice(parsing: bytes.readable)
        #expect(root["model_id"]?.string == "unknown" && root["is_healthy"]?.bool == false)
        #expect(root["status"]?.string == "failed" && root["id"]?.string == pending.id)
        #expect(root["job_status"]?["status"]?.string == "failed")
        #expect(root["job_status"]?["message"]?.string == "no \"route\"")
        #expect(root["job_status"]?["worker_url"]?.string == "http://w:1")
    }

    /// Whatever a worker is called, its description is JSON and holds no key.
    @Test func alwaysWritesValidJSON() throws {
        var random = FastRandom(seed: 3)
        for _ in 0..<200 {
            var spec = try Fleet.spec("http://w:1", key: "s3cret-key")
            for _ in 0..<random.below(5) {
                let scalars = (0..<random.below(20)).compactMap { _ in UnicodeScalar(UInt32(random.below(0x3000))) }
                spec.labels[String(String.UnicodeScalarView(scalars))] = String(
                    String.UnicodeScalarView(scalars.reversed()))
            }
            spec.cost = random.unit() * 1e300
            let worker = Worker(
                id: "i", spec: spec, modelID: spec.labels.keys.first ?? "m", tenant: 0, health: Fleet.health,
                breaker: Fleet.breaker)
            let json = Self.written { WorkerDescription.write(worker, to: &$0) }
            let bytes = ByteBuffer(Array(json.utf8))
            let root = try JSONSlice(parsing: bytes.readable)
            #expect(root["model_id"]?.string == worker.modelID)
            #expect(root["metadata"]?.members.reduce(0) { count, _ in count + 1 } == spec.labels.count)
            #expect(!json.contains("s3cret"))
        }
    }
}
