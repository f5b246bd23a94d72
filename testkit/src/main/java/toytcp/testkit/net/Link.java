package toytcp.testkit.net;

import java.util.function.Consumer;

/// A link between two nodes; made by [Network#link]. What is set here holds for both directions;
/// [#from] names one.
public final class Link extends LinkSettings<Link> {
    private final LinkEnd a;
    private final LinkEnd b;
    private boolean down;

    /// @param number the number of the first end; the second has the next one
    Link(Network network, Node a, Node b, int number, long seedThere, long seedBack) {
        Line there = new Line(network, seedThere);
        Line back = new Line(network, seedBack);
        this.a = new LinkEnd(a, b, this, number, there);
        this.b = new LinkEnd(b, a, this, number + 1, back);
        there.from(this.a);
        back.from(this.b);
        a.ends.add(this.a);
        b.ends.add(this.b);
    }

    /// The direction from `node` to the other end, to set something for it alone:
    /// `link.from(client).rate("1mbit")`.
    ///
    /// @throws IllegalArgumentException if the link does not end there
    public LinkDirection from(Node node) {
        if (node != a.node && node != b.node) {
            throw new IllegalArgumentException(
                    "the link %s has no end at %s".formatted(this, node));
        }
        return new LinkDirection(endAt(node).line);
    }

    /// Cuts the link: what waits in its queues is lost, and so is what is sent from now on. Routes stay as they
    /// are. See also [Network#at].
    public Link down() {
        return set(true);
    }

    /// Mends the link.
    public Link up() {
        return set(false);
    }

    /// Whether the link is cut.
    public boolean isDown() {
        return down;
    }

    /// Packets on the link, both ways: those that wait in a queue and those that travel.
    public int packets() {
        return a.line.waiting() + b.line.waiting() + a.line.inFlight() + b.line.inFlight();
    }

    LinkEnd endAt(Node node) {
        return node == a.node ? a : b;
    }

    void release() {
        a.line.release();
        b.line.release();
    }

    @Override
    Link change(Consumer<Line> change) {
        change.accept(a.line);
        change.accept(b.line);
        return this;
    }

    private Link set(boolean down) {
        this.down = down;
        a.node.network.capture().note("link " + this + (down ? ": down" : ": up"));
        return change(line -> line.down(down));
    }

    /// `client-server`.
    @Override
    public String toString() {
        return a.node + "-" + b.node;
    }
}
