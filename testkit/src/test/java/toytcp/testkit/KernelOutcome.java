package toytcp.testkit;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What became of one script that was played to the kernel.
///
/// @param script the test: `CloseTest.abortResets`, with the name of its row if it has rows
/// @param verdict in a word
/// @param compared how often something was compared before it ended
/// @param detail why it ended before its end, or what was wanted and what came; empty if all is the same
/// @param log the failure with the whole exchange; empty if there is none
record KernelOutcome(String script, Verdict verdict, int compared, String detail, String log)
        implements Comparable<KernelOutcome> {
    private static final Pattern TIME = Pattern.compile("\\(([0-9.]+) s after ");

    /// How the kernel did.
    enum Verdict {
        /// It did what the script wants.
        SAME,
        /// It did until the script asked for what only the core in virtual time has.
        SAME_SO_FAR,
        /// It did something else.
        DIFFERS,
        /// The script asks for that at once.
        NOT_PLAYED
    }

    /// Whether the script found no difference.
    boolean isSame() {
        return verdict != Verdict.DIFFERS;
    }

    /// The class of the test.
    String area() {
        return script.substring(0, script.indexOf('.'));
    }

    @Override
    public int compareTo(KernelOutcome other) {
        return script.compareTo(other.script);
    }

    /// Of two runs the one that is closer to the script, or that differs later; else the first one.
    static KernelOutcome better(KernelOutcome a, KernelOutcome b) {
        int closer = b.verdict.compareTo(a.verdict);
        return closer < 0 || closer == 0 && b.compared > a.compared ? b : a;
    }

    /// @param compared how often it compared something before it ended
    static KernelOutcome of(String script, Throwable thrown, int compared) {
        if (thrown == null) {
            return new KernelOutcome(script, Verdict.SAME, compared, "", "");
        }
        if (thrown instanceof NotPlayable) {
            // A handshake alone is no script.
            boolean some = compared > 5;
            Verdict verdict = some ? Verdict.SAME_SO_FAR : Verdict.NOT_PLAYED;
            return new KernelOutcome(script, verdict, compared, thrown.getMessage(), "");
        }
        String log = String.valueOf(thrown.getMessage());
        List<String> lines = log.lines().toList();
        String detail = thrown.toString();
        if (thrown instanceof AssertionError && lines.size() > 2) {
            boolean pair = lines.get(1).startsWith("  expected: ");
            detail = pair ? essence(lines.get(1), lines.get(2)) : lines.get(0);
        }
        return new KernelOutcome(script, Verdict.DIFFERS, compared, detail, log);
    }

    private static String essence(String expected, String actual) {
        String wanted = essence(expected);
        Matcher time = TIME.matcher(actual);
        boolean late =
                wanted.startsWith("+")
                        && time.find()
                        && KernelSubject.isLate(
                                ScriptText.parse(wanted, 0, 0).afterNanos(),
                                (long) (Double.parseDouble(time.group(1)) * 1e9));
        return wanted + " / " + (late ? "later: " : "") + essence(actual);
    }

    /// A segment without what differs from run to run.
    private static String essence(String line) {
        return line.substring("  expected: ".length())
                .replaceFirst(" \\([0-9.]+ s after .*", "")
                .replaceAll(" win [1-9][0-9]*", "")
                .replaceAll("TS val [0-9]+", "TS val n");
    }
}
