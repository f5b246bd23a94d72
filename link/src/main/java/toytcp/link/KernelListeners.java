package toytcp.link;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The listening sockets of the kernel, as `/proc/net/tcp` has them.
final class KernelListeners {
    /// Those of the network namespace that the thread is in; `/proc/net` would be that of the process.
    private static final Path NET = Path.of("/proc/thread-self/net");

    private static final String LISTEN = "0A";
    private static final int LOOPBACK = 127;

    private KernelListeners() {}

    /// How one is listed that serves IPv4 too, unless it was told not to, which is not to be seen here.
    static final String DUAL = "[::]";

    /// Those that get connections to the addresses and ports of a claim, as `address:port`. Empty
    /// if they cannot be read.
    static List<String> within(PortClaim claim) {
        List<String> found = new ArrayList<>();
        for (String file : List.of("tcp", "tcp6")) {
            try (BufferedReader lines =
                    Files.newBufferedReader(NET.resolve(file), StandardCharsets.US_ASCII)) {
                lines.lines().forEach(line -> check(line, claim, found));
            } catch (IOException | UncheckedIOException _) {
                // No IPv6, or no /proc: then nothing can be warned of.
            }
        }
        return found;
    }

    /// `0: 0100007F:0016 00000000:0000 0A ...`: the words of an address are in host order, little-endian
    /// wherever this link works.
    static void check(String line, PortClaim claim, List<String> found) {
        String[] words = line.strip().split("\\s+");
        if (words.length < 4 || !words[3].equals(LISTEN)) {
            return;
        }
        int colon = words[1].indexOf(':');
        int port = Integer.parseInt(words[1].substring(colon + 1), 16);
        String address = words[1].substring(0, colon);
        boolean v6 = address.length() > 8;
        if (v6 && !address.matches("0{32}|0{16}FFFF0000.{8}")) {
            return; // an address of IPv6 alone
        }
        int local =
                Integer.reverseBytes(
                        Integer.parseUnsignedInt(address.substring(address.length() - 8), 16));
        if (local >>> 24 == LOOPBACK) {
            return; // never gets what is for us: see InterceptRules
        }
        boolean covers = local == 0 || (local & claim.mask()) == claim.address();
        if (covers && claim.ports().contains(port)) {
            found.add((v6 && local == 0 ? DUAL : Ipv4.text(local)) + ":" + port);
        }
    }
}
