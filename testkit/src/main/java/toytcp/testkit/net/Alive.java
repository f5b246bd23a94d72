package toytcp.testkit.net;

import toytcp.stack.channel.FlowSnapshot;
import toytcp.stack.tcp.TcpState;

import java.util.List;

/// Says what keeps a network from coming to rest: flows and their timers, tasks that are scheduled, packets under
/// way, and what is planned.
final class Alive {
    private static final int MAX_LINES = 12;
    private static final String OURS = "toytcp.stack.";

    private final StringBuilder text = new StringBuilder();

    private Alive() {}

    static String report(List<Host> hosts, List<Link> links, int planned) {
        Alive alive = new Alive();
        for (Host host : hosts) {
            alive.flows(host);
            alive.tasks(host);
        }
        int shown = 0;
        for (Link link : links) {
            if (link.packets() > 0 && ++shown <= MAX_LINES) {
                alive.line("link " + link, link.packets() + " packets under way");
            }
        }
        if (planned > 0) {
            alive.line("net.at(..)", planned + " actions are still to come");
        }
        return alive.text.isEmpty() ? "  nothing" : alive.text.toString().stripTrailing();
    }

    private void flows(Host host) {
        int count = 0;
        for (FlowSnapshot flow : host.stack().flows().getNow()) {
            if (flow.state() != TcpState.LISTEN && ++count <= MAX_LINES) {
                line(host, flow);
            }
        }
        if (count > MAX_LINES) {
            line(host, "and " + (count - MAX_LINES) + " flows more");
        }
    }

    /// The timers of the flows are among them; the flows have told of those.
    private void tasks(Host host) {
        int count = 0;
        for (VirtualEventLoop.Scheduled entry : host.scheduled()) {
            String name = name(entry.task());
            if (!name.startsWith(OURS + "channel.FlowDriver") && ++count <= MAX_LINES) {
                String often = entry.repeated() ? ", again and again" : "";
                line(host, "task %s due in %s%s".formatted(name, ms(entry.delayNanos()), often));
            }
        }
        if (count > MAX_LINES) {
            line(host, "and " + (count - MAX_LINES) + " tasks more");
        }
    }

    private void line(Object who, Object what) {
        text.append("  ").append(who).append(": ").append(what).append(System.lineSeparator());
    }

    /// The class of a task, without what differs from run to run.
    static String name(Object task) {
        String name = task.getClass().getName();
        int lambda = name.indexOf("$$Lambda");
        return lambda < 0 ? name : name.substring(0, lambda) + " (a lambda)";
    }

    private static String ms(long nanos) {
        return Math.max(0, nanos) / 1_000_000 + " ms";
    }
}
