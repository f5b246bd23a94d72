package toytcp.demo;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// The three streams of a program: data comes from `in` and goes to `out`, talk goes to `err`.
///
/// @param isLive whether `err` is a terminal, so that a line may be rewritten in place
record Terminal(InputStream in, OutputStream out, PrintStream err, boolean isLive) {
    /// The streams of this process. Not `System.out`, which swallows errors: an output that is gone
    /// must end the transfer.
    static Terminal ofProcess() {
        return new Terminal(
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                System.err,
                isTerminal("/proc/self/fd/2"));
    }

    /// `System.console()` asks for input and output, but talk goes to neither.
    private static boolean isTerminal(String descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of(descriptor)).toString();
            return target.startsWith("/dev/pts/") || target.matches("/dev/(tty|console).*");
        } catch (java.io.IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
