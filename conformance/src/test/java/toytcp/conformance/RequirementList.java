package toytcp.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The requirements of one RFC, in the order of its text; what the tables of `docs` say without the tests.
///
/// The file `rfcNNNN.txt` among the resources begins with the title of the RFC; lines that begin with `#` are
/// comments, those with `>` go into the table's introduction, those with `*` are rows of [CellRow], all others
/// are a [Requirement].
record RequirementList(
        int rfc,
        String title,
        List<String> introduction,
        List<Requirement> all,
        List<CellRow> cells) {

    static RequirementList load(int rfc) throws IOException {
        String name = "/rfc" + rfc + ".txt";
        try (InputStream in = RequirementList.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("no list " + name + " in conformance/src/test/resources");
            }
            return parse(rfc, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    static RequirementList parse(int rfc, String text) {
        String title = null;
        List<String> introduction = new ArrayList<>();
        List<Requirement> all = new ArrayList<>();
        List<CellRow> cells = new ArrayList<>();
        for (String line : text.lines().filter(line -> !line.isBlank()).toList()) {
            switch (line.charAt(0)) {
                case '#' -> {}
                case '>' -> introduction.add(line.substring(1).strip());
                case '*' -> cells.add(CellRow.parse(line.substring(1)));
                default -> {
                    if (title == null) {
                        title = line.strip();
                    } else {
                        all.add(Requirement.parse(line));
                    }
                }
            }
        }
        Set<String> ids = new HashSet<>();
        for (Requirement one : all) {
            if (!ids.add(one.id())) {
                throw new IllegalArgumentException(one.id() + " is in the list twice");
            }
        }
        return new RequirementList(rfc, title, introduction, all, cells);
    }
}
