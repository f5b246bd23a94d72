package toytcp.applications;

import static org.junit.jupiter.api.Assertions.assertTrue;

import static toytcp.lab.Lab.ADDRESS2;
import static toytcp.lab.Lab.HOST2;

import toytcp.lab.Child;
import toytcp.lab.Lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/// `nginx` in host2, on the kernel's TCP, as a plain process that writes nowhere but into a folder.
final class Nginx implements AutoCloseable {
    static final int PORT = 8081;

    private final Child process;
    private final Path folder;

    private Nginx(Child process, Path folder) {
        this.process = process;
        this.folder = folder;
    }

    /// Starts it and waits until it listens.
    ///
    /// @param locations what its `server` block has besides `listen`
    static Nginx start(Lab lab, String locations) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("toytcp-nginx");
        Path configuration = folder.resolve("nginx.conf");
        Files.writeString(configuration, configuration(folder, locations));
        List<String> command =
                List.of("nginx", "-p", folder.toString(), "-c", configuration.toString());
        Child process = lab.start(HOST2, null, command);
        process.line("start worker process");
        return new Nginx(process, folder);
    }

    /// Ends it; only `nginx` itself knows its children.
    @Override
    public void close() throws IOException {
        try {
            process.signal("QUIT");
            process.succeeds();
        } catch (InterruptedException e) {
            throw new AssertionError("nginx still runs", e);
        } finally {
            process.close();
        }
        try (var all = Files.walk(folder)) {
            for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(one);
            }
        }
        assertTrue(
                process.talk().stream()
                        .noneMatch(line -> line.matches(".*\\[(crit|alert|emerg)].*")),
                process::toString);
    }

    private static String configuration(Path folder, String locations) {
        return """
        daemon off;
        user root;
        pid %1$s/pid;
        error_log stderr notice;
        worker_processes 1;
        events { worker_connections 4096; }
        http {
            access_log off;
            client_body_temp_path %1$s/body;
            proxy_temp_path %1$s/proxy;
            fastcgi_temp_path %1$s/fastcgi;
            uwsgi_temp_path %1$s/uwsgi;
            scgi_temp_path %1$s/scgi;
            keepalive_requests 1000000;
            server {
                listen %2$s:%3$d backlog=1024;
                %4$s
            }
        }
        """
                .formatted(folder, ADDRESS2, PORT, locations);
    }
}
