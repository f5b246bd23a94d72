package toytcp.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// An event of RFC 9293, section 3.10, in the states in which it can happen: a row of cells.
///
/// The tests of the row have its id in their annotations; which cell a test proves says its display
/// name, which begins with the state: `FIN-WAIT-1: F. 1:1 ack 1`.
///
/// @param section where the RFC describes it
/// @param words what happens
/// @param absent why there is no cell in some states; the reason by the state
record CellRow(String id, String section, String words, Map<String, String> absent) {
    /// The columns, in the order of the RFC.
    static final List<String> STATES =
            List.of(
                    "CLOSED",
                    "LISTEN",
                    "SYN-SENT",
                    "SYN-RECEIVED",
                    "ESTABLISHED",
                    "FIN-WAIT-1",
                    "FIN-WAIT-2",
                    "CLOSE-WAIT",
                    "CLOSING",
                    "LAST-ACK",
                    "TIME-WAIT");

    /// Reads `id | section | words`, then `| STATE STATE: why there is no cell` as often as needed.
    static CellRow parse(String line) {
        String[] fields = line.split("\\|");
        Map<String, String> absent = new LinkedHashMap<>();
        for (int i = 3; i < fields.length; i++) {
            int colon = fields[i].indexOf(':');
            for (String state : fields[i].substring(0, colon).strip().split(" ")) {
                if (!STATES.contains(state)) {
                    throw new IllegalArgumentException("no state: " + state);
                }
                absent.put(state, fields[i].substring(colon + 1).strip());
            }
        }
        return new CellRow(fields[0].strip(), fields[1].strip(), fields[2].strip(), absent);
    }

    /// The states in which there must be a test.
    List<String> present() {
        List<String> present = new ArrayList<>(STATES);
        present.removeAll(absent.keySet());
        return present;
    }

    /// The state that the display name of a test begins with; `null` if it is none.
    static String stateOf(String displayName) {
        // JUnit puts texts into quotation marks.
        String name = displayName.replace("\"", "");
        int end = 0;
        while (end < name.length() && " :".indexOf(name.charAt(end)) < 0) {
            end++;
        }
        String state = name.substring(0, end);
        return STATES.contains(state) ? state : null;
    }
}
