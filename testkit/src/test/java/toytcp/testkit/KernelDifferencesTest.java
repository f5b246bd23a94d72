package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.Arrays;

/// What can be said of `docs/kernel.md` without a kernel to ask.
class KernelDifferencesTest {
    @Test
    void eachDifferenceIsThatOfAScriptAndHasAReason() throws Exception {
        KernelDifferences known = KernelDifferences.read();
        assertNull(known.unexplained());
        for (KernelDifferences.Reason reason : known.reasons()) {
            assertFalse(known.of(reason).isEmpty(), "nothing differs for: " + reason.title());
            for (KernelDifferences.Difference difference : known.of(reason)) {
                assertExists(difference.script());
            }
        }
    }

    @Test
    void thePaperTellsThemAll() throws IOException {
        String paper = KernelTable.read();
        KernelDifferences known = KernelDifferences.read();
        for (KernelDifferences.Reason reason : known.reasons()) {
            assertTrue(paper.contains("### " + reason.title() + "\n"), reason.title());
            assertTrue(paper.contains(reason.text()), reason.text());
            assertTrue(paper.contains("(" + reason.source() + ")"), reason.source());
        }
    }

    private static void assertExists(String script) throws ClassNotFoundException {
        String[] names = script.split("[.:]");
        Class<?> type = Class.forName("toytcp.stack.tcp." + names[0]);
        assertTrue(
                Arrays.stream(type.getDeclaredMethods())
                        .anyMatch(method -> method.getName().equals(names[1])),
                script);
    }
}
