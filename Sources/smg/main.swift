internal import SMGBase
internal import SMGCore

// The executable: one subcommand, one function. Everything else is in the library.

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "launch", "start": Launch.run(Array(arguments.dropFirst()))
case "worker": WorkerCommand.run(Array(arguments.dropFirst()))
case "parse": ParseCommand.run(Array(arguments.dropFirst()))
case "--version", "-V", "version": print("smg \(SMGVersion.text)")
case "--help", "-h", "help": print(Usage.text)
case nil:
    Console.error(Usage.text)
    Console.exit(2)
case let unknown?:
    Console.error("smg: unknown command '\(unknown)'\n\n\(Usage.text)")
    Console.exit(2)
}
