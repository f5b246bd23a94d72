package toytcp.demo;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/// How far a transfer has come: one line that is rewritten on a terminal, and a last one everywhere.
final class Progress implements AutoCloseable {
    private static final String START_OF_LINE = "\r\033[K";

    private final Terminal terminal;
    private final LongAdder bytes;
    private final long total;
    private long start = System.nanoTime();
    private Future<?> painter;

    /// @param bytes how many bytes there are so far; counted by the caller
    /// @param total how many bytes there will be, or -1 if nobody knows
    Progress(Terminal terminal, LongAdder bytes, long total) {
        this.terminal = terminal;
        this.bytes = bytes;
        this.total = total;
    }

    /// Starts the clock. The line shows up after one second, short transfers do not need it.
    void begin(ScheduledExecutorService executor) {
        start = System.nanoTime();
        if (terminal.isLive()) {
            painter = executor.scheduleAtFixedRate(this::paint, 1000, 500, TimeUnit.MILLISECONDS);
        }
    }

    /// Ends the line and leaves the sum: bytes, seconds, rate.
    ///
    /// @param verb what was done with the bytes: `sent` or `received`
    void end(String verb) {
        close();
        double seconds = Math.max(seconds(), 1e-6);
        terminal.err()
                .printf(
                        Locale.ROOT,
                        "toytcp: %s %d bytes in %.2f s, %.1f Mbit/s%n",
                        verb,
                        bytes.sum(),
                        seconds,
                        bytes.sum() * 8 / seconds / 1e6);
    }

    /// Ends the line, says nothing more.
    @Override
    public void close() {
        if (painter != null && painter.cancel(false)) {
            terminal.err().print(START_OF_LINE);
        }
        terminal.err().flush();
    }

    private void paint() {
        PrintStream err = terminal.err();
        long count = bytes.sum();
        double seconds = seconds();
        err.printf(
                Locale.ROOT,
                "%s%8.1f MiB %7.1f s [%7.1f MiB/s]",
                START_OF_LINE,
                mebibytes(count),
                seconds,
                mebibytes(count) / seconds);
        if (total > 0) {
            double share = Math.min(1.0, (double) count / total);
            int columns = (int) (share * 30);
            err.printf(Locale.ROOT, " [%-31s] %3.0f%%", "=".repeat(columns) + ">", share * 100);
        }
        err.flush();
    }

    private double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    private static double mebibytes(long count) {
        return count / (double) (1 << 20);
    }
}
