package toytcp.link;

import toytcp.stack.ip.PacketLink.PortRange;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The ports that the kernel hands out for active opens, and those it leaves to others.
final class KernelPorts {
    /// Shows the network namespace of the thread that reads it.
    private static final Path RANGE_FILE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

    private static final PortRange KERNEL_DEFAULT = new PortRange(32768, 60999);
    private static final int LOWEST = 1024;
    private static final int HIGHEST = 65535;

    /// Below this a range is too small to be preferred: with a TIME-WAIT of minutes, a client that
    /// connects again and again to one server would run out of ports.
    private static final int ENOUGH = 1024;

    private KernelPorts() {}

    /// Ports that the kernel of this network namespace never hands out itself.
    ///
    /// @throws IllegalStateException if it hands out all of them; the message has the remedy
    static PortRange unused() {
        return outside(kernelRange());
    }

    /// Above the kernel's range if there is room, as services are found below it; else the larger
    /// side.
    static PortRange outside(PortRange kernel) {
        int above = HIGHEST - kernel.last();
        int below = kernel.first() - LOWEST;
        if (above > 0 && (above >= ENOUGH || above >= below)) {
            return new PortRange(kernel.last() + 1, HIGHEST);
        }
        if (below > 0) {
            return new PortRange(LOWEST, kernel.first() - 1);
        }
        throw new IllegalStateException(
                "the kernel hands out all ports from 1024 to 65535 itself, so none are left for"
                        + " this stack; narrow its range with"
                        + " sysctl -w net.ipv4.ip_local_port_range='32768 60999'"
                        + " or give the stack ports of your choice");
    }

    /// Two numbers with white space between, as the kernel writes them.
    static PortRange parse(String text) {
        String[] numbers = text.strip().split("\\s+");
        if (numbers.length != 2) {
            throw new IllegalArgumentException("not a port range: " + text);
        }
        return new PortRange(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
    }

    private static PortRange kernelRange() {
        // In one read: this file gives all or nothing, and Files.readString begins with one octet.
        byte[] text = new byte[64];
        try (InputStream file = Files.newInputStream(RANGE_FILE)) {
            int length = Math.max(file.read(text), 0);
            return parse(new String(text, 0, length, StandardCharsets.US_ASCII));
        } catch (IOException | IllegalArgumentException e) {
            // Without /proc, as in some containers, the kernel's own default is the best guess.
            return KERNEL_DEFAULT;
        }
    }
}
