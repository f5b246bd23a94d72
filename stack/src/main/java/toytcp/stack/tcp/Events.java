package toytcp.stack.tcp;

/// The bits of [Tcb#events], in the order in which they are reported.
final class Events {
    static final int ESTABLISHED = 1;

    /// Before READABLE: who is told must still be able to read what is urgent.
    static final int URGENT = 1 << 1;

    static final int READABLE = 1 << 2;
    static final int PEER_CLOSED = 1 << 3;
    static final int WRITABLE = 1 << 4;
    static final int SOFT_ERROR = 1 << 5;
    static final int TROUBLE = 1 << 6;
    static final int CLOSED = 1 << 7;

    private Events() {}

    /// Reports the pending events. The user may call the connection back from any of them, even so
    /// that new events are reported meanwhile; nothing is reported after CLOSED.
    static void report(Tcb tcb) {
        for (int event = ESTABLISHED; event <= CLOSED; event <<= 1) {
            if ((tcb.events & event) != 0) {
                tcb.events &= ~event;
                report(tcb, tcb.output, event);
            }
        }
    }

    private static void report(Tcb tcb, TcpOutput output, int event) {
        switch (event) {
            case ESTABLISHED -> output.established();
            case URGENT -> output.urgent();
            case READABLE -> output.readable();
            case PEER_CLOSED -> output.peerClosed();
            case WRITABLE -> output.writable();
            case SOFT_ERROR -> output.softError(tcb.lastError());
            case TROUBLE -> output.retransmissionTrouble();
            case CLOSED -> output.closed(tcb.closeReason);
            default -> throw new IllegalStateException("no event has the bits " + event);
        }
    }
}
