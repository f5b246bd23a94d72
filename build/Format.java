import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Runs google-java-format over all sources: `java --class-path <formatter> Format.java check|apply ROOT`.
/// `check` lists the files that differ and exits with 1; `apply` rewrites them.
class Format {
    public static void main(String[] args) throws Exception {
        boolean apply = args[0].equals("apply");
        List<String> command = new ArrayList<>(List.of("--aosp", "--skip-javadoc-formatting"));
        command.addAll(apply ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
        command.addAll(sources(Path.of(args[1])));
        com.google.googlejavaformat.java.Main.main(command.toArray(String[]::new));
    }

    private static List<String> sources(Path root) throws IOException {
        try (var files = Files.walk(root)) {
            return files.map(Path::toString)
                    .filter(name -> name.endsWith(".java") && name.contains("/src/"))
                    .filter(name -> !name.contains("/target/"))
                    .sorted()
                    .toList();
        }
    }
}
