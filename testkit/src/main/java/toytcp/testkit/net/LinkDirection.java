package toytcp.testkit.net;

import java.util.function.Consumer;

/// One direction of a [Link].
public final class LinkDirection extends LinkSettings<LinkDirection> {
    private final Line line;

    LinkDirection(Line line) {
        this.line = line;
    }

    /// Octets that wait in the queue.
    public int queuedOctets() {
        return line.waitingOctets();
    }

    /// Packets that wait in the queue.
    public int queuedPackets() {
        return line.waiting();
    }

    @Override
    LinkDirection change(Consumer<Line> change) {
        change.accept(line);
        return this;
    }
}
