package toytcp.bench.path;

import toytcp.lab.NetworkNamespace;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The counters of the kernel's TCP in one namespace, as `nstat -a` shows them.
///
/// @param values by their names, without the prefix: `TCPDSACKOldSent`
record KernelCounters(Map<String, Long> values) {
    /// Reads them.
    static KernelCounters of(NetworkNamespace namespace) throws Exception {
        return namespace.call(
                () -> {
                    Map<String, Long> values = new HashMap<>();
                    // Not /proc/net: that is the namespace of the first thread.
                    read(Path.of("/proc/thread-self/net/netstat"), values);
                    read(Path.of("/proc/thread-self/net/snmp"), values);
                    return new KernelCounters(values);
                });
    }

    /// What was added since `before`.
    long since(KernelCounters before, String name) {
        return values.getOrDefault(name, 0L) - before.values.getOrDefault(name, 0L);
    }

    /// Segments that had arrived before when they arrived: the receiver answered each with a D-SACK, for what it
    /// had delivered already or for what waits in its out-of-order queue.
    long arrivedTwice(KernelCounters before) {
        return since(before, "TCPDSACKOldSent") + since(before, "TCPDSACKOfoSent");
    }

    /// Each protocol has a line of names and a line of values.
    private static void read(Path file, Map<String, Long> values) throws java.io.IOException {
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i + 1 < lines.size(); i += 2) {
            String[] names = lines.get(i).split(" ");
            String[] numbers = lines.get(i + 1).split(" ");
            if (!names[0].startsWith("Tcp")) {
                continue;
            }
            for (int j = 1; j < names.length; j++) {
                values.put(names[j], Long.parseLong(numbers[j]));
            }
        }
    }
}
