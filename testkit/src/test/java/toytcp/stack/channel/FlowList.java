package toytcp.stack.channel;

import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;

/// What a stack still has to do, for tests that want it to be nothing.
public final class FlowList {
    private FlowList() {}

    /// The connections that are not in TIME-WAIT, with their states; half-open ones included. To be
    /// called on the event loop of the link, while it is open.
    public static List<String> unfinished(TcpStack stack) {
        List<String> unfinished = new ArrayList<>();
        handler(stack)
                .forEachFlow(
                        entry -> {
                            switch (entry) {
                                case HalfOpenEntry half -> unfinished.add(half + " half-open");
                                case FlowDriver flow -> addUnfinished(flow, unfinished);
                            }
                        });
        return unfinished;
    }

    private static void addUnfinished(FlowDriver flow, List<String> unfinished) {
        String state = flow.state().rfcName();
        if (!state.equals("TIME-WAIT")) {
            unfinished.add(flow + " " + state);
        }
    }

    private static TcpStackHandler handler(TcpStack stack) {
        try {
            return stack.handler("a test");
        } catch (SocketException e) {
            throw new IllegalStateException(e);
        }
    }
}
