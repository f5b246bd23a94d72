package toytcp.link;

import java.util.concurrent.Executors;

/// The main class of a process of its own: binds a link, claims ports and keeps them until its
/// standard input ends or it is killed. Prints one line: `ready`, or what went wrong.
final class LinkHolder {
    private LinkHolder() {}

    public static void main(String[] arguments) throws Exception {
        try (TestLink link = new TestLink(Executors.defaultThreadFactory(), arguments[0])) {
            link.claim(Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
            System.out.println("ready");
            System.in.transferTo(System.out);
        } catch (Exception e) {
            System.out.println(e);
            System.exit(1);
        }
    }
}
