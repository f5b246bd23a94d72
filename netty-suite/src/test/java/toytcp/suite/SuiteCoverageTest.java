package toytcp.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.testsuite.transport.socket.SocketEchoTest;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/// No class of the suite is forgotten: each has a subclass here, or a reason why it cannot apply.
class SuiteCoverageTest {
    private static final String SUITE = "io/netty/testsuite/transport/";

    /// By the name in the suite, below its package `transport`.
    private static final Map<String, String> NOT_APPLICABLE =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("AbstractComboTestsuiteTest", "a base class"),
                            Map.entry("AbstractTestsuiteTest", "a base class"),
                            Map.entry("socket/AbstractSocketTest", "a base class"),
                            Map.entry("socket/AbstractClientSocketTest", "a base class"),
                            Map.entry("socket/AbstractServerSocketTest", "a base class"),
                            Map.entry(
                                    "socket/AbstractSocketShutdownOutputByPeerTest",
                                    "the base class of SocketShutdownOutputByPeerTest"),
                            Map.entry("AbstractSingleThreadEventLoopTest", "tests event loops"),
                            Map.entry("DefaultEventLoopTest", "tests event loops"),
                            Map.entry("NioEventLoopTest", "tests event loops"),
                            Map.entry("sctp/AbstractSctpTest", "SCTP"),
                            Map.entry("sctp/SctpEchoTest", "SCTP"),
                            Map.entry("udt/UDTClientServerConnectionTest", "UDT"),
                            Map.entry("socket/AbstractDatagramTest", "datagrams"),
                            Map.entry("socket/DatagramConnectNotExistsTest", "datagrams"),
                            Map.entry("socket/DatagramConnectedWriteExceptionTest", "datagrams"),
                            Map.entry("socket/DatagramMulticastIPv6Test", "datagrams"),
                            Map.entry("socket/DatagramMulticastTest", "datagrams"),
                            Map.entry("socket/DatagramUnicastIPv6MappedTest", "datagrams"),
                            Map.entry("socket/DatagramUnicastIPv6Test", "datagrams"),
                            Map.entry("socket/DatagramUnicastInetTest", "datagrams"),
                            Map.entry("socket/DatagramUnicastTest", "datagrams"),
                            Map.entry(
                                    "socket/SocketSslLargeCertificateTest",
                                    "opens NIO and local channels itself, takes no others")));

    @Test
    void everyClassOfTheSuiteIsRunOrCannotApply() throws IOException, URISyntaxException {
        Set<String> accounted = new TreeSet<>(NOT_APPLICABLE.keySet());
        accounted.addAll(extendedHere());
        assertEquals(classesOfTheSuite(), accounted);
    }

    @Test
    void theDocumentNamesEveryClassOfTheSuite() throws IOException, URISyntaxException {
        String document = Files.readString(Path.of("..", "docs", "netty-suite.md"));
        Set<String> missing = new TreeSet<>(classesOfTheSuite());
        missing.removeIf(name -> document.contains(name.substring(name.indexOf('/') + 1)));
        assertEquals(Set.of(), missing);
        NOT_APPLICABLE.forEach(
                (name, why) ->
                        assertEquals(
                                true,
                                document.contains(why),
                                "the reason for " + name + " in docs/netty-suite.md"));
    }

    private static Set<String> classesOfTheSuite() throws IOException, URISyntaxException {
        Path jar =
                Path.of(
                        SocketEchoTest.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI());
        Set<String> names = new TreeSet<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            for (JarEntry entry : file.stream().toList()) {
                String name = entry.getName();
                if (name.startsWith(SUITE) && name.endsWith("Test.class") && !name.contains("$")) {
                    names.add(name.substring(SUITE.length(), name.length() - ".class".length()));
                }
            }
        }
        return names;
    }

    private static Set<String> extendedHere() throws IOException, URISyntaxException {
        Path classes =
                Path.of(
                        SuiteCoverageTest.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI());
        Set<String> names = new TreeSet<>();
        try (var files = Files.list(classes.resolve("toytcp/suite"))) {
            for (Path file : files.filter(f -> f.toString().endsWith("Test.class")).toList()) {
                String name = file.getFileName().toString().replace(".class", "");
                String parent = superclass("toytcp.suite." + name);
                if (parent.startsWith("io.netty.testsuite.transport.")) {
                    names.add(parent.substring(SUITE.length()).replace('.', '/'));
                }
            }
        }
        return names;
    }

    private static String superclass(String name) {
        try {
            return Class.forName(name).getSuperclass().getName();
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
