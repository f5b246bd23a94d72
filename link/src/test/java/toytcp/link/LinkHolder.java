package toytcp.link;

import java.util.concurrent.Executors;

/// The main class of a process of its own: binds a link, claims ports, from the first to
/// the last or the last one of a network, and keeps them until its
/// standard input ends or it is killed. Prints one line: `ready`, or what went wrong.
final class LinkHolder {
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
            if (firstOrNetwork.contains("/")) {
                link.intercept(firstOrNetwork, last, last);
            } else {
                link.claim(Integer.parseInt(firstOrNetwork), last);
            }
            System.out.println("ready");
            System.in.transferTo(System.out);
        }
    }
}
