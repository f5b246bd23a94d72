package toytcp.stack.tcp;

import toytcp.codec.SeqNum;

/// The octets that arrived twice and that the next ACK tells the peer of: D-SACK (RFC 2883, 4).
///
/// "Each duplicate contiguous sequence of data received is reported in at most one D-SACK block", so it is
/// forgotten once told; of several the latest is kept.
final class DuplicateReport {
    private int start;
    private int end;

    /// The octets from `from` up to `to` are there already; none if `to` does not come after `from`.
    void note(int from, int to) {
        if (SeqNum.lt(from, to)) {
            start = from;
            end = to;
        }
    }

    boolean isPending() {
        return start != end;
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    /// It was told.
    void clear() {
        start = end;
    }
}
