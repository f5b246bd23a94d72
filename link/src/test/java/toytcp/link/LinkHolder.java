package toytcp.link;

import toytcp.stack.ip.PacketLink.PortRange;

import java.util.concurrent.Executors;

/// The main class of a process of its own: binds a link, claims ports, from the first to
/// the last or the last one of a network, or as many ephemeral ones as are told, and keeps them until its
/// standard input ends or it is killed. Prints one line: `ready`, with the ephemeral ports, or what went wrong.
final class LinkHolder {
    /// In the place of the first port.
    static final String EPHEMERAL = "ephemeral";

    private LinkHolder() {}

    public static void main(String[] arguments) throws Exception {
        try {
            RawSocketChannel.ensureAvailable();
            hold(arguments[0], arguments[1], Integer.parseInt(arguments[2]));
        } catch (Exception e) {
            System.out.println(e);
            System.exit(1);
        }
    }

    private static void hold(String address, String firstOrNetwork, int last) throws Exception {
        try (TestLink link = new TestLink(Executors.defaultThreadFactory(), address)) {
            String ports = "";
            if (firstOrNetwork.equals(EPHEMERAL)) {
                PortRange range = link.onLoop(() -> link.channel.ephemeralPorts(last));
                ports = " " + range.first() + " to " + range.last();
            } else if (firstOrNetwork.contains("/")) {
                link.intercept(firstOrNetwork, last, last);
            } else {
                link.claim(Integer.parseInt(firstOrNetwork), last);
            }
            System.out.println("ready" + ports);
            System.in.transferTo(System.out);
        }
    }
}
