package toytcp.stack.tcp;

import toytcp.testkit.ScriptSetup;
import toytcp.testkit.TcpScript;

/// A connection in each of the eleven states, reached through real segments only.
///
/// The initial sequence numbers are 0. In all synchronized states 100 octets were written, so there
/// is an old, a current and a future acknowledgement; our window has 10000 octets, and every arriving
/// octet is acknowledged at once. The last number that we sent and the next one that we expect:
///
/// | state | SND.UNA | SND.NXT | RCV.NXT |
/// |---|---|---|---|
/// | SYN-SENT | 0 | 1 | |
/// | SYN-RECEIVED | 0 | 1 | 1 |
/// | ESTABLISHED | 1 | 101 | 1 |
/// | FIN-WAIT-1 | 1 | 102 | 1 |
/// | FIN-WAIT-2 | 102 | 102 | 1 |
/// | CLOSE-WAIT | 1 | 101 | 2 |
/// | CLOSING | 101 | 102 | 2 |
/// | LAST-ACK | 1 | 102 | 2 |
/// | TIME-WAIT | 102 | 102 | 2 |
final class States {
    private States() {}

    /// A script in `state`, by a passive open if `passive`.
    static TcpScript reach(TcpState state, boolean passive) {
        TcpScript tcp =
                switch (state) {
                    case CLOSED -> setup().closed();
                    case LISTEN -> setup().listening();
                    case SYN_SENT -> setup().opening();
                    case SYN_RECEIVED -> synReceived(passive);
                    case ESTABLISHED -> established(passive);
                    case FIN_WAIT_1 -> finWait1(passive);
                    case FIN_WAIT_2 -> finWait2(passive);
                    case CLOSE_WAIT -> closeWait(passive);
                    case CLOSING -> finWait1(passive).in("F. 1:1 ack 101").out(". 102:102 ack 2");
                    case LAST_ACK -> closeWait(passive).shutdown().out("F. 101:101 ack 2");
                    case TIME_WAIT -> finWait2(passive).in("F. 1:1 ack 102").out(". 102:102 ack 2");
                };
        return tcp.state(state);
    }

    private static ScriptSetup setup() {
        return TcpScript.with(
                config -> {
                    config.maximumSegmentSize = 1000;
                    config.receiveBuffer = 10000;
                    config.delayedAckNanos = 0;
                });
    }

    private static TcpScript synReceived(boolean passive) {
        TcpScript tcp = passive ? setup().listening() : setup().opening();
        return tcp.in("S 0:0 win 65535 <mss 1000>").out("S. 0:0 ack 1");
    }

    private static TcpScript established(boolean passive) {
        TcpScript tcp = passive ? setup().establishedPassive() : setup().established();
        return tcp.write(100).out("P. 1:101 ack 1");
    }

    private static TcpScript finWait1(boolean passive) {
        return established(passive).shutdown().out("F. 101:101 ack 1");
    }

    private static TcpScript finWait2(boolean passive) {
        return finWait1(passive).in(". 1:1 ack 102").silent();
    }

    private static TcpScript closeWait(boolean passive) {
        return established(passive).in("F. 1:1 ack 1").out(". 101:101 ack 2");
    }
}
