package toytcp.stack.tcp;

/// The bits of [Tcb#events], in the order in which they are reported.
final class Events {
    static final int ESTABLISHED = 1;
    static final int READABLE = 1 << 1;
    static final int URGENT = 1 << 2;
    static final int PEER_CLOSED = 1 << 3;
    static final int WRITABLE = 1 << 4;
    static final int TROUBLE = 1 << 5;
    static final int CLOSED = 1 << 6;

    private Events() {}

    /// Reports the pending events. The user may call the connection back from any of them, even so
    /// that new events are reported meanwhile; nothing is reported after CLOSED.
    static void report(Tcb tcb) {
        for (int event = ESTABLISHED; event <= CLOSED; event <<= 1) {
            if ((tcb.events & event) != 0) {
                tcb.events &= ~event;
                report(tcb.output, event, tcb.closeReason);
            }
        }
    }

    private static void report(TcpOutput output, int event, CloseReason reason) {
        switch (event) {
            case ESTABLISHED -> output.established();
            case READABLE -> output.readable();
            case URGENT -> output.urgent();
            case PEER_CLOSED -> output.peerClosed();
            case WRITABLE -> output.writable();
            case TROUBLE -> output.retransmissionTrouble();
            case CLOSED -> output.closed(reason);
            default -> throw new IllegalStateException("no event has the bits " + event);
        }
    }
}
