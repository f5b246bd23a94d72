package toytcp.testkit.net;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.opentest4j.TestAbortedException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What [VirtualNetwork] does; registered by that annotation.
public final class NetworkExtension implements ParameterResolver, AfterEachCallback {
    private static final Namespace NAMESPACE = Namespace.create(NetworkExtension.class);
    private static final String FOLDER = "toytcp";

    /// The networks of one test.
    private record Networks(List<Network> all) {}

    /// For JUnit.
    public NetworkExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.isAnnotated(VirtualNetwork.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        if (parameter.getParameter().getType() != Network.class) {
            throw new ParameterResolutionException(
                    "@VirtualNetwork is for parameters of the type " + Network.class.getName());
        }
        if (context.getTestMethod().isEmpty()) {
            throw new ParameterResolutionException(
                    "@VirtualNetwork is for parameters of test methods and of @BeforeEach: each"
                            + " test has a network of its own");
        }
        long seed = parameter.findAnnotation(VirtualNetwork.class).orElseThrow().seed();
        Network network = Network.create(Long.getLong("toytcp.seed", seed));
        networks(context).add(network);
        return network;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Throwable failure =
                context.getExecutionException()
                        .filter(thrown -> !(thrown instanceof TestAbortedException))
                        .orElse(null);
        List<Network> networks = networks(context);
        try {
            for (int i = 0; failure != null && i < networks.size(); i++) {
                String number = networks.size() == 1 ? "" : "-" + (i + 1);
                tell(networks.get(i), fileName(context) + number + ".pcapng", failure);
            }
        } finally {
            closeAll(networks);
        }
    }

    private static void closeAll(List<Network> networks) {
        RuntimeException first = null;
        for (Network network : networks) {
            try {
                network.close();
            } catch (RuntimeException e) {
                first = first == null ? e : first;
            }
        }
        networks.clear();
        if (first != null) {
            throw first;
        }
    }

    private static List<Network> networks(ExtensionContext context) {
        return context.getStore(NAMESPACE)
                .computeIfAbsent(
                        Networks.class, _ -> new Networks(new ArrayList<>()), Networks.class)
                .all();
    }

    /// The error is the place where everybody looks.
    private static void tell(Network network, String name, Throwable failure) {
        String where;
        try {
            Path file = Files.createDirectories(folder()).resolve(name);
            network.writeCapture(file);
            where = "the packets are in " + file.toAbsolutePath();
        } catch (IOException e) {
            where = "the packets could not be written: " + e;
        }
        String text =
                "virtual network: seed %d, after %s; %s"
                        .formatted(network.seed(), network.now(), where);
        NetworkReport report = new NetworkReport(text);
        failure.addSuppressed(report);
        System.err.println(text);
    }

    private static Path folder() {
        String chosen = System.getProperty("toytcp.captures");
        if (chosen != null) {
            return Path.of(chosen);
        }
        for (String build : List.of("target", "build")) {
            if (Files.isDirectory(Path.of(build))) {
                return Path.of(build, FOLDER);
            }
        }
        return Path.of(System.getProperty("java.io.tmpdir"), FOLDER);
    }

    private static String fileName(ExtensionContext context) {
        String method = context.getRequiredTestMethod().getName();
        String name = context.getRequiredTestClass().getSimpleName() + "." + method;
        // The one of several invocations.
        String display = context.getDisplayName();
        if (!display.startsWith(method)) {
            name += "-" + display.replaceAll("[^A-Za-z0-9]+", "_");
        }
        return name.substring(0, Math.min(name.length(), 120));
    }

    /// Says beside a failure how to see it again. It has no stack trace: nothing happened here.
    private static final class NetworkReport extends Exception {
        private static final long serialVersionUID = 1;

        NetworkReport(String message) {
            super(message, null, false, false);
        }

        @Override
        public String toString() {
            return getMessage();
        }
    }
}
