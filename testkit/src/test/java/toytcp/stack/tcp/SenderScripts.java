package toytcp.stack.tcp;

import static java.time.Duration.ofMillis;

import toytcp.stack.tcp.congestion.NewReno;
import toytcp.testkit.TcpScript;

/// What the scripts of a sender share: segments of 1000 octets, a round trip of 100 ms, and NewReno, whose
/// window is easy to follow.
final class SenderScripts {
    private SenderScripts() {}

    /// With a peer that reports what it holds.
    static TcpScript withSack() {
        return established(1000, "mss 1000,sackOK");
    }

    static TcpScript established(int mss, String peerOptions) {
        return TcpScript.with(
                        config -> {
                            config.maximumSegmentSize = mss;
                            config.congestion = NewReno::new;
                        })
                .peerOptions(peerOptions)
                .roundTrip(ofMillis(100))
                .established();
    }

    static TcpInfo info(TcpScript tcp) {
        return tcp.connection().info(tcp.nowNanos());
    }

    static String sack(int ack, String blocks) {
        return ". ack " + ack + " <sack " + blocks + ">";
    }

    /// The segments from `from` to before `to`, counted from 0, of 1000 octets each.
    static String[] segments(int from, int to) {
        String[] lines = new String[to - from];
        for (int i = from; i < to; i++) {
            lines[i - from] = ". " + (1000 * i + 1) + ":" + (1000 * i + 1001) + " ack 1";
        }
        return lines;
    }
}
