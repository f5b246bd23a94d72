package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import toytcp.lab.InLab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// Plays the scripts of the core to the kernel, and holds what comes of it against `docs/kernel.md`.
///
/// With `-Dtoytcp.kernel=make`, as `testkit/kernel.sh` has it, it writes that file.
@ExtendWith(InLab.class)
class KernelScriptsNamespaceTest {
    private static final int THREADS = 16;
    private static final long PATIENCE_SECONDS = Long.getLong("toytcp.kernel.patience", 3);

    /// Time is real, and so is the load of this machine.
    private static final int ATTEMPTS = 4;

    private static final boolean MAKES = "make".equals(System.getProperty("toytcp.kernel"));

    private static final Path TUN = Path.of("/dev/net/tun");

    @Test
    void theKernelDoesWhatItsTableSays() throws Exception {
        if (!Files.exists(TUN) && !Boolean.getBoolean("toytcp.require.namespaces")) {
            skip("there is no " + TUN + "; run: modprobe tun");
        }
        KernelDifferences known = KernelDifferences.read();
        KernelScripts scripts =
                new KernelScripts(THREADS, TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS));
        scripts.playAll(MAKES ? KernelOutcome::isSame : known::expects);
        for (int i = 1; i < ATTEMPTS && !scripts.others(known::expects).isEmpty(); i++) {
            scripts.playAgain(scripts.others(known::expects), known);
        }
        if (MAKES) {
            known.write(scripts.outcomes());
            KernelTable.write(
                    new KernelTable(scripts.outcomes(), known).text(version(), PATIENCE_SECONDS));
        }
        assertNull(
                known.unexplained(),
                "this difference needs a reason in kernel-differences.txt, or, if it is the stack"
                        + " that is wrong, a mended stack");
        check(new KernelTable(scripts.outcomes(), known), scripts, known);
    }

    private static void check(KernelTable table, KernelScripts scripts, KernelDifferences known)
            throws Exception {
        String kernel = version();
        String text = table.text(kernel, PATIENCE_SECONDS);
        String before = KernelTable.read();
        if (!before.contains("Kernel: Linux " + kernel + ".") && !before.equals(text)) {
            skip("docs/kernel.md is of another kernel; here " + KernelTable.changes(before, text));
        }
        assertEquals(
                before,
                text,
                () ->
                        "docs/kernel.md is out of date: look at what has changed, then run"
                                + " testkit/kernel.sh\n"
                                + String.join("\n", KernelTable.changes(before, text))
                                + "\n"
                                + logs(scripts, known));
    }

    private static void skip(String why) {
        System.err.println("skipped: " + KernelScriptsNamespaceTest.class.getName() + ": " + why);
        abort(why);
    }

    private static String logs(KernelScripts scripts, KernelDifferences known) {
        return scripts.outcomes().stream()
                .filter(outcome -> !known.expects(outcome))
                .map(outcome -> outcome.script() + ": " + outcome.log())
                .collect(Collectors.joining("\n"));
    }

    /// The first two numbers: what comes behind them mends bugs.
    private static String version() {
        String[] parts = System.getProperty("os.version").split("[.-]");
        return parts[0] + "." + parts[1];
    }
}
