package toytcp.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/// The lab of `setup.sh` under another name, so that the tests do not meet one that is already up:
/// `t1234-host1 - t1234-router - t1234-host2`, where 1234 is the process of the tests.
public final class Lab implements AutoCloseable {
    public static final String HOST1 = "host1";
    public static final String ROUTER = "router";
    public static final String HOST2 = "host2";
    public static final String ADDRESS1 = "10.0.0.1";
    public static final String ADDRESS2 = "10.0.1.1";

    /// What the tests listen on. A kernel that connected from one of them would hold it, in TIME-WAIT, for
    /// a minute.
    private static final String TEST_PORTS = "40000-42999";

    private static final Path ROOT = Path.of(System.getProperty("toytcp.root", ".."));
    private static final String JAR = System.getProperty("toytcp.jar", "target/toytcp.jar");
    private static final String JAVA = System.getProperty("java.home") + "/bin/java";

    private final String prefix = "t" + ProcessHandle.current().pid() + "-";
    private final Path folder;
    private int files;

    private Lab(Path folder) {
        this.folder = folder;
    }

    /// Why there can be no lab on this machine; empty if there can.
    ///
    /// @param more commands that a test runs besides those of the lab
    public static String obstacle(String... more) {
        if (!System.getProperty("os.name").equals("Linux")) {
            return "network namespaces exist on Linux only";
        }
        if (!System.getProperty("user.name").equals("root")) {
            return "network namespaces need root; run: sudo ./setup.sh test";
        }
        List<String> tools =
                new ArrayList<>(
                        List.of(
                                "ip", "nft", "nc", "tcpdump", "tshark", "ethtool", "ping",
                                "sysctl"));
        tools.addAll(List.of(more));
        for (String tool : tools) {
            if (!isInstalled(tool)) {
                return tool + " is not installed; run: sudo ./setup.sh test";
            }
        }
        return "";
    }

    /// Makes the lab.
    public static Lab up() throws IOException, InterruptedException {
        Lab lab = new Lab(Files.createTempDirectory("toytcp-lab"));
        lab.setup("up").close();
        for (String host : List.of(HOST1, HOST2)) {
            String reserved = "net.ipv4.ip_local_reserved_ports=" + TEST_PORTS;
            lab.start(host, "sysctl", "-qw", reserved).succeeds().close();
        }
        return lab;
    }

    /// Runs `setup.sh`, which must succeed.
    public Child setup(String... arguments) throws IOException, InterruptedException {
        // The build that runs these tests must not start another one.
        List<String> command =
                new ArrayList<>(List.of("env", "TOYTCP_PREFIX=" + prefix, "TOYTCP_BUILD=never"));
        command.add(ROOT.resolve("setup.sh").toString());
        command.addAll(List.of(arguments));
        return Child.start(command, null, file()).succeeds();
    }

    /// The namespace of a host, for threads of this JVM.
    public NetworkNamespace namespace(String host) {
        return new NetworkNamespace(prefix + host);
    }

    /// The address of a host.
    public static String address(String host) {
        return host.equals(HOST1) ? ADDRESS1 : ADDRESS2;
    }

    /// Starts a program in a namespace.
    public Child start(String host, String... command) throws IOException {
        return start(host, null, List.of(command));
    }

    /// Starts a program in a namespace, with a file for its input.
    public Child start(String host, Path input, List<String> command) throws IOException {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", prefix + host));
        whole.addAll(command);
        return Child.start(whole, input, file());
    }

    /// Starts our command line in a namespace.
    public Child toytcp(String host, String... arguments) throws IOException {
        return toytcp(host, null, arguments);
    }

    public Child toytcp(String host, Path input, String... arguments) throws IOException {
        List<String> command = toytcpCommand();
        command.addAll(List.of(arguments));
        return start(host, input, command);
    }

    /// The packaged program with leak detection; a leak is said on its standard error output.
    public static List<String> toytcpCommand() {
        return new ArrayList<>(
                List.of(
                        JAVA,
                        "-Xmx256m",
                        "-Dio.netty.leakDetection.level=paranoid",
                        "--illegal-native-access=deny",
                        "-jar",
                        JAR));
    }

    /// Starts a program of the test classes in a namespace: a peer on the kernel's TCP.
    public Child peer(String host, Class<?> program, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(JAVA, "-cp", "target/test-classes", program.getName()));
        command.addAll(List.of(arguments));
        return start(host, null, command);
    }

    /// Starts `nc -l` in a namespace and waits until it listens.
    public Child listen(String host, Path input, String port, String... options)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("nc", "-n", "-v", "-l"));
        command.addAll(List.of(options));
        command.addAll(List.of(address(host), port));
        Child nc = start(host, input, command);
        nc.line("Listening");
        return nc;
    }

    /// A socket of the kernel that listens in a namespace.
    public ServerSocket listen(String host, int port) throws Exception {
        InetAddress address = InetAddress.getByName(address(host));
        return namespace(host).call(() -> new ServerSocket(port, 1, address));
    }

    /// What the kernel of a host tells of its established connections at this port of its own.
    public String connections(String host, int port) throws IOException, InterruptedException {
        String filter = "sport = :" + port;
        try (Child ss = start(host, "ss", "-tinoOH", "state", "established", filter)) {
            return new String(ss.succeeds().output());
        }
    }

    /// A new file for the output of a program.
    public Path file() {
        return folder.resolve("file" + files++);
    }

    /// A file of random bytes.
    public Path randomFile(int size) throws IOException {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return Files.write(file(), bytes);
    }

    /// The two files have the same bytes.
    public static void assertSame(Path expected, Path actual) throws IOException {
        assertEquals(Files.size(expected), Files.size(actual), "size of " + actual);
        assertEquals(sha256(expected), sha256(actual), "SHA-256 of " + actual);
    }

    private static String sha256(Path file) throws IOException {
        try {
            var digest = java.security.MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /// Removes the lab, with everything that still runs in it, and the files.
    @Override
    public void close() throws IOException {
        try {
            setup("down").close();
        } catch (InterruptedException e) {
            throw new AssertionError("the lab is still up", e);
        }
        try (var all = Files.list(folder)) {
            for (Path one : all.toList()) {
                Files.delete(one);
            }
        }
        Files.delete(folder);
    }

    private static boolean isInstalled(String tool) {
        for (String folder : (System.getenv("PATH") + ":/usr/sbin:/sbin").split(":")) {
            if (Files.isExecutable(Path.of(folder, tool))) {
                return true;
            }
        }
        return false;
    }
}
