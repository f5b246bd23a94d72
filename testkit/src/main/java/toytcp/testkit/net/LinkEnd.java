package toytcp.testkit.net;

/// Where a link meets a node: an interface, in the words of a capture.
final class LinkEnd {
    final Node node;
    final Node peer;
    final Link link;

    /// The number of the interface in a capture.
    final int number;

    /// What carries packets from here to the other end.
    final Line line;

    LinkEnd(Node node, Node peer, Link link, int number, Line line) {
        this.node = node;
        this.peer = peer;
        this.link = link;
        this.number = number;
        this.line = line;
    }

    @Override
    public String toString() {
        return node + ">" + peer;
    }
}
