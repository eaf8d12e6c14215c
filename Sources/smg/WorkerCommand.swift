internal import CLinux
internal import SMGBase
internal import SMGNet
internal import SMGSim

/// `smg worker`: starts simulated engines and serves until SIGINT or SIGTERM.
enum WorkerCommand {
    static func run(_ arguments: [String]) {
        do throws(ConfigurationError) {
            switch try WorkerCommandLine.read(arguments, environment: Console.environment) {
            case .help: print(WorkerCommandLine.help(width: Console.width), terminator: "")
            case .start(let engines, let eventLoops): serve(engines, eventLoops: eventLoops)
            }
        } catch {
            Console.error("smg worker: \(error)")
            Console.exit(2)
        }
    }

    private static func serve(_ engines: [SimulatedEngineOptions], eventLoops: Int) {
        let signals = SignalWaiter()
        let loops: EventLoopGroup
        do throws(NetError) { loops = try EventLoopGroup(count: eventLoops) } catch {
            Console.error("smg worker: cannot create event loops: \(error)")
            Console.exit(1)
        }
        loops.start()
        loops.loops[0].spawn {
            for (index, options) in engines.enumerated() {
                do throws(NetError) {
                    let engine = try await SimulatedEngine.start(options, on: loops.loops[index % loops.loops.count])
                    say("smg worker listening on \(engine.url) model=\(options.model)")
                } catch {
                    Console.error("smg worker: cannot listen on \(options.address): \(error)")
                    Console.exit(1)
                }
            }
        }
        _ = signals.wait()
        signals.exitOnNext()
        loops.shutdown()
        if engines.first?.address.isUnix == true, let path = engines.first?.address.host { unlink(path) }
        Console.exit(0)
    }

    /// One line on stdout at once: whoever started the workers reads their ports from it.
    private static func say(_ text: String) {
        var line = text + "\n"
        line.withUTF8 { _ = write(1, $0.baseAddress, $0.count) }
    }
}
