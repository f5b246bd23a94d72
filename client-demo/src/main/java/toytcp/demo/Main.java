package toytcp.demo;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The command line: `toytcp VERB ...`.
///
/// Exit codes: 0 if all went well, 1 if the network or a file failed, 2 for wrong usage, 130 if a
/// signal ended it. Every failure ends in one line on the standard error output.
@Command(
        name = "toytcp",
        description = "A TCP/IP stack of its own, in user space, over a raw socket of Linux.",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "VERB",
        subcommands = {EchoClient.class, EchoServer.class, SendFile.class, ReceiveFile.class},
        footer = {
            "",
            "Raw sockets need the right to open them: run as root, or in the lab of ./setup.sh:",
            "  sudo ip netns exec host1 ./toytcp echo-client 10.0.1.1 40000 --log debug"
        })
public final class Main implements Runnable {
    /// The exit code of a failure of the network or of a file.
    static final int FAILED = 1;

    /// The exit code of wrong usage.
    static final int USAGE = 2;

    private final Network.Factory networks;
    private final Terminal terminal;
    private final Interrupts interrupts;

    @Spec private CommandSpec spec;

    Main(Network.Factory networks, Terminal terminal, Interrupts interrupts) {
        this.networks = networks;
        this.terminal = terminal;
        this.interrupts = interrupts;
    }

    /// Runs one verb and ends the JVM with its exit code.
    ///
    /// @param arguments the verb and what belongs to it
    public static void main(String[] arguments) {
        Main main = new Main(UserStack::open, Terminal.ofProcess(), Interrupts.install());
        System.exit(main.execute(arguments));
    }

    /// Runs one verb.
    ///
    /// @return the exit code
    int execute(String... arguments) {
        return new CommandLine(this)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(this::wrongUsage)
                .setExecutionExceptionHandler(this::failed)
                .execute(arguments);
    }

    /// Without a verb there is nothing to do.
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a verb is missing");
    }

    Network.Factory networks() {
        return networks;
    }

    Terminal terminal() {
        return terminal;
    }

    Interrupts interrupts() {
        return interrupts;
    }

    private int wrongUsage(ParameterException wrong, String[] arguments) {
        String name = wrong.getCommandLine().getCommandSpec().qualifiedName();
        String message = wrong.getMessage().replaceAll("\\s*\\R\\s*", " ");
        terminal.err().println(name + ": error: " + message + "; see ./" + name + " --help");
        return USAGE;
    }

    private int failed(Exception thrown, CommandLine command, CommandLine.ParseResult parsed) {
        Failure failure = Failure.of(thrown);
        if (failure.getCause() != null
                && command.getCommand() instanceof Verb verb
                && verb.level().showsStackTraces()) {
            failure.getCause().printStackTrace(terminal.err());
        }
        String name = command.getCommandSpec().qualifiedName();
        terminal.err().println(name + ": error: " + failure.getMessage());
        return failure.exitCode();
    }
}
