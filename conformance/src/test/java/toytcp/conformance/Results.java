package toytcp.conformance;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What came of the tests in this build, and where their sources are.
///
/// Only of the modules whose tests need nothing but a JVM, so that the tables are the same with and
/// without root.
final class Results {
    private static final List<String> MODULES = List.of("codec", "stack", "testkit");

    private final Path root;
    private final List<Result> all;
    private final Map<Path, List<String>> sources = new LinkedHashMap<>();

    Results(Path root, List<Result> all) {
        this.root = root;
        this.all = all;
    }

    /// Reads `target/rfc` of the modules.
    static Results read(Path root) throws IOException {
        List<Result> all = new ArrayList<>();
        for (String module : MODULES) {
            Path folder = root.resolve(module).resolve("target/rfc");
            if (!Files.isDirectory(folder)) {
                throw new IOException(
                        folder
                                + " is not there: the tests of "
                                + module
                                + " have not run; "
                                + remedy());
            }
            for (Path file : sorted(folder)) {
                String type = file.getFileName().toString().replaceAll("\\.tsv$", "");
                for (String line : Files.readAllLines(file)) {
                    all.add(Result.parse(module, type, line));
                }
            }
        }
        Results results = new Results(root, all);
        // A class that was renamed or deleted leaves its file behind.
        all.removeIf(result -> !Files.exists(results.source(result)));
        return results;
    }

    static String remedy() {
        return "run: mvn -pl conformance -am verify";
    }

    private static Iterable<Path> sorted(Path folder) throws IOException {
        TreeSet<Path> files = new TreeSet<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, "*.tsv")) {
            stream.forEach(files::add);
        }
        return files;
    }

    /// All results of one RFC.
    List<Result> of(int rfc) {
        return all.stream().filter(result -> result.rfc() == rfc).toList();
    }

    /// The RFCs that some test names with an id.
    List<Integer> rfcs() {
        return all.stream().map(Result::rfc).distinct().toList();
    }

    /// The source file, from the root.
    String path(Result result) {
        String outer = result.type().replaceAll("\\$.*", "").replace('.', '/');
        return result.module() + "/src/test/java/" + outer + ".java";
    }

    /// The line of the method, from 1; 0 if it is not there (any more).
    int line(Result result) throws IOException {
        Path file = source(result);
        List<String> lines = sources.get(file);
        if (lines == null) {
            lines = Files.readAllLines(file);
            sources.put(file, lines);
        }
        String method = "^[ \\w]*\\bvoid " + Pattern.quote(result.method()) + "\\(";
        Matcher matcher = Pattern.compile(method).matcher("");
        for (int i = 0; i < lines.size(); i++) {
            if (matcher.reset(lines.get(i)).find()) {
                return i + 1;
            }
        }
        return 0;
    }

    private Path source(Result result) {
        return root.resolve(path(result));
    }
}
