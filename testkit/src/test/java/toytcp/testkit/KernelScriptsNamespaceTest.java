package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import toytcp.lab.InLab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
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
        Predicate<KernelOutcome> expected = MAKES ? known::expects : known::allows;
        scripts.playAll(MAKES ? KernelOutcome::isSame : expected);
        for (int i = 1; i < ATTEMPTS && !scripts.others(expected).isEmpty(); i++) {
            scripts.playAgain(scripts.others(expected), known);
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
        check(scripts, known);
    }

    /// A listed difference may fail to show: some are a matter of the kernel's clock. What is not listed must be
    /// the same.
    private static void check(KernelScripts scripts, KernelDifferences known) throws Exception {
        String table = KernelTable.read();
        List<String> surprises = scripts.others(known::allows);
        String kernel = version();
        if (!surprises.isEmpty() && !table.contains("Kernel: Linux " + kernel + ".")) {
            skip(
                    "docs/kernel.md is of another kernel; Linux "
                            + kernel
                            + " differs in "
                            + surprises);
        }
        assertEquals(List.of(), surprises, () -> "the kernel differs:\n" + logs(scripts, known));
        assertEquals(
                List.of(),
                scripts.others(outcome -> KernelTable.tells(table, outcome)),
                "docs/kernel.md does not tell of these; run testkit/kernel.sh");
    }

    private static void skip(String why) {
        System.err.println("skipped: " + KernelScriptsNamespaceTest.class.getName() + ": " + why);
        abort(why);
    }

    private static String logs(KernelScripts scripts, KernelDifferences known) {
        return scripts.outcomes().stream()
                .filter(outcome -> !known.allows(outcome))
                .map(outcome -> outcome.script() + ": " + outcome.log())
                .collect(Collectors.joining("\n"));
    }

    /// The first two numbers: what comes behind them mends bugs.
    private static String version() {
        String[] parts = System.getProperty("os.version").split("[.-]");
        return parts[0] + "." + parts[1];
    }
}
