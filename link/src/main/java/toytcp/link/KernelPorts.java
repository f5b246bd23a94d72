package toytcp.link;

import toytcp.stack.ip.PacketLink.PortRange;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The ports that the kernel hands out for active opens, and those it leaves to others, in blocks.
///
/// A block always begins at a multiple of its size, whatever the kernel's range is now: so any two
/// stacks mean the same ports by one, or different ones.
final class KernelPorts {
    /// How many ports a block has.
    static final int BLOCK = 256;

    /// Shows the network namespace of the thread that reads it.
    private static final Path RANGE_FILE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

    private static final Path RESERVED_FILE = Path.of("/proc/sys/net/ipv4/ip_local_reserved_ports");

    private static final PortRange KERNEL_DEFAULT = new PortRange(32768, 60999);

    /// Below it are most of the ports that services are known by.
    private static final int FLOOR = 16384;

    private static final int LOWEST = 1024;
    private static final int HIGHEST = 65535;

    /// With fewer ports than in these, a client that connects again and again to one server would run
    /// out of them within a TIME-WAIT: then those below the floor are better than none.
    private static final int ENOUGH_BLOCKS = 4;

    /// The kernel writes at most one page.
    private static final int MAX_TEXT = 65536;

    private KernelPorts() {}

    /// The blocks that the kernel of this network namespace never hands out itself, and that the
    /// administrator has not reserved, with the best first; empty if there are none.
    static List<PortRange> unused() {
        return outside(kernelRange(), reserved());
    }

    /// Above the kernel's range first, as services are found below it; then downwards from there.
    static List<PortRange> outside(PortRange kernel, List<PortRange> reserved) {
        List<PortRange> blocks = outside(kernel, reserved, FLOOR);
        return blocks.size() < ENOUGH_BLOCKS ? outside(kernel, reserved, LOWEST) : blocks;
    }

    private static List<PortRange> outside(PortRange kernel, List<PortRange> reserved, int floor) {
        List<PortRange> blocks = new ArrayList<>();
        int above = Math.max(kernel.last() + 1, floor);
        for (int first = (above + BLOCK - 1) / BLOCK * BLOCK; first < HIGHEST; first += BLOCK) {
            addUnreserved(blocks, first, reserved);
        }
        int last = kernel.first() / BLOCK * BLOCK - BLOCK;
        for (int first = last; first >= floor; first -= BLOCK) {
            addUnreserved(blocks, first, reserved);
        }
        return blocks;
    }

    private static void addUnreserved(List<PortRange> blocks, int first, List<PortRange> reserved) {
        PortRange block = new PortRange(first, first + BLOCK - 1);
        for (PortRange range : reserved) {
            if (range.first() <= block.last() && block.first() <= range.last()) {
                return;
            }
        }
        blocks.add(block);
    }

    /// Two numbers with white space between, as the kernel writes them.
    static PortRange parse(String text) {
        String[] numbers = text.strip().split("\\s+");
        if (numbers.length != 2) {
            throw new IllegalArgumentException("not a port range: " + text);
        }
        return new PortRange(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
    }

    /// `8080,9148-9150`, as the kernel writes them; port 0 says nothing.
    static List<PortRange> parseReserved(String text) {
        List<PortRange> ranges = new ArrayList<>();
        for (String word : text.strip().split(",")) {
            if (word.isEmpty()) {
                continue;
            }
            int dash = word.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? word : word.substring(0, dash));
            int last = dash < 0 ? first : Integer.parseInt(word.substring(dash + 1));
            if (last > 0) {
                ranges.add(new PortRange(Math.max(first, 1), last));
            }
        }
        return ranges;
    }

    private static PortRange kernelRange() {
        try {
            return parse(read(RANGE_FILE));
        } catch (IOException | IllegalArgumentException e) {
            // Without /proc, as in some containers, the kernel's own default is the best guess.
            return KERNEL_DEFAULT;
        }
    }

    private static List<PortRange> reserved() {
        try {
            return parseReserved(read(RESERVED_FILE));
        } catch (IOException | IllegalArgumentException e) {
            return List.of(); // likewise
        }
    }

    /// In one read: these files give all or nothing, and Files.readString begins with one octet.
    private static String read(Path path) throws IOException {
        byte[] text = new byte[MAX_TEXT];
        try (InputStream file = Files.newInputStream(path)) {
            int length = Math.max(file.read(text), 0);
            return new String(text, 0, length, StandardCharsets.US_ASCII);
        }
    }
}
