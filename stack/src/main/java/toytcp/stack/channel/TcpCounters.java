package toytcp.stack.channel;

import toytcp.codec.DropCounters;
import toytcp.codec.DropReason;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.MemoryBudget;
import toytcp.stack.tcp.TcpState;

import java.util.concurrent.atomic.AtomicLongArray;

/// What a stack counts over all of its connections since it was made, by the names that the TCP-MIB gave
/// such things (RFC 4022). Readable from any thread; the values of one moment may lie some segments
/// apart.
///
/// Only the link's event loop writes, so counting is a plain addition, without the cost of an atomic
/// one.
public final class TcpCounters {
    private static final int ACTIVE_OPENS = 0;
    private static final int PASSIVE_OPENS = 1;
    private static final int ATTEMPT_FAILS = 2;
    private static final int ESTAB_RESETS = 3;
    private static final int CURR_ESTAB = 4;
    private static final int RECEIVED = 5;
    private static final int SENT = 6;
    private static final int RETRANS_SEGS = 7;
    private static final int IN_RSTS = 8;
    private static final int OUT_RSTS = 9;
    private static final int MEMORY_USED = 10;
    private static final int MEMORY_PEAK = 11;
    private static final int MEMORY_PRESSURES = 12;
    private static final int MEMORY_EXHAUSTIONS = 13;
    private static final int COUNTERS = 14;

    private static final DropReason[] ERRORS = {
        DropReason.TCP_TRUNCATED,
        DropReason.TCP_DATA_OFFSET,
        DropReason.TCP_CHECKSUM,
        DropReason.TCP_OPTION_LENGTH,
        DropReason.TCP_PORT_ZERO,
        DropReason.TCP_FLAGS
    };

    private final AtomicLongArray values = new AtomicLongArray(COUNTERS);
    private final DropCounters drops;

    TcpCounters(DropCounters drops) {
        this.drops = drops;
    }

    /// tcpActiveOpens: connections that we began.
    public long activeOpens() {
        return values.get(ACTIVE_OPENS);
    }

    /// tcpPassiveOpens: connection attempts that reached a listener, also those that came to nothing.
    public long passiveOpens() {
        return values.get(PASSIVE_OPENS);
    }

    /// tcpAttemptFails: active and passive opens that ended before they were established.
    public long attemptFails() {
        return values.get(ATTEMPT_FAILS);
    }

    /// tcpEstabResets: established connections that ended without a FIN of ours: reset by either side, or
    /// given up.
    public long estabResets() {
        return values.get(ESTAB_RESETS);
    }

    /// tcpCurrEstab: connections that are in ESTABLISHED or CLOSE-WAIT now.
    public long currEstab() {
        return values.get(CURR_ESTAB);
    }

    /// tcpInSegs: segments that arrived, those in error included.
    public long inSegs() {
        return values.get(RECEIVED) + inErrs();
    }

    /// tcpOutSegs: segments that were sent, without those that were sent again.
    public long outSegs() {
        return Math.max(0, values.get(SENT) - retransSegs());
    }

    /// tcpRetransSegs: segments that were sent again, in part at least.
    public long retransSegs() {
        return values.get(RETRANS_SEGS);
    }

    /// tcpInErrs: segments that arrived and were malformed, or had a wrong checksum.
    public long inErrs() {
        long sum = 0;
        for (DropReason reason : ERRORS) {
            sum += drops.get(reason);
        }
        return sum;
    }

    /// Segments with RST that arrived.
    public long inRsts() {
        return values.get(IN_RSTS);
    }

    /// tcpOutRsts: segments with RST that were sent.
    public long outRsts() {
        return values.get(OUT_RSTS);
    }

    /// Octets that wait in the queues of all connections now, see [TcpStack.Builder#memory].
    public long memoryUsed() {
        return values.get(MEMORY_USED);
    }

    /// The most octets that ever waited there.
    public long memoryPeak() {
        return values.get(MEMORY_PEAK);
    }

    /// How often two thirds of the memory were used, so that nothing grew any more: TCPMemoryPressures of
    /// Linux. What was dropped for it is in [TcpStack#drops()], as
    /// [MEMORY_LIMIT][DropReason#MEMORY_LIMIT] and [MEMORY_RECLAIMED][DropReason#MEMORY_RECLAIMED].
    public long memoryPressures() {
        return values.get(MEMORY_PRESSURES);
    }

    /// How often all of the memory was used, so that windows closed.
    public long memoryExhaustions() {
        return values.get(MEMORY_EXHAUSTIONS);
    }

    /// One line: `activeOpens=1 passiveOpens=0 ...`.
    @Override
    public String toString() {
        return ("activeOpens=%d passiveOpens=%d attemptFails=%d estabResets=%d currEstab=%d"
                        + " inSegs=%d outSegs=%d retransSegs=%d inErrs=%d inRsts=%d outRsts=%d"
                        + " memoryUsed=%d memoryPeak=%d memoryPressures=%d memoryExhaustions=%d")
                .formatted(
                        activeOpens(),
                        passiveOpens(),
                        attemptFails(),
                        estabResets(),
                        currEstab(),
                        inSegs(),
                        outSegs(),
                        retransSegs(),
                        inErrs(),
                        inRsts(),
                        outRsts(),
                        memoryUsed(),
                        memoryPeak(),
                        memoryPressures(),
                        memoryExhaustions());
    }

    void received(TcpSegment segment) {
        add(RECEIVED, 1);
        if (segment.has(TcpFlags.RST)) {
            add(IN_RSTS, 1);
        }
    }

    void sent(TcpSegment segment) {
        add(SENT, 1);
        if (segment.has(TcpFlags.RST)) {
            add(OUT_RSTS, 1);
        }
    }

    void retransmitted(long segments) {
        add(RETRANS_SEGS, segments);
    }

    /// The connections hold more or less than before.
    void memory(MemoryBudget memory) {
        values.lazySet(MEMORY_USED, memory.used());
        values.lazySet(MEMORY_PEAK, memory.peak());
        values.lazySet(MEMORY_PRESSURES, memory.pressures());
        values.lazySet(MEMORY_EXHAUSTIONS, memory.exhaustions());
    }

    /// A SYN made a half-open connection.
    void opened() {
        add(PASSIVE_OPENS, 1);
    }

    /// A half-open connection went back to LISTEN.
    void failed() {
        add(ATTEMPT_FAILS, 1);
    }

    /// A step of a connection.
    void step(TcpState from, TcpState to) {
        boolean was = isEstablished(from);
        boolean is = isEstablished(to);
        if (was != is) {
            add(CURR_ESTAB, is ? 1 : -1);
        }
        if (to == TcpState.SYN_SENT) {
            add(ACTIVE_OPENS, 1);
        } else if (to == TcpState.CLOSED && was) {
            add(ESTAB_RESETS, 1);
        } else if (to == TcpState.CLOSED
                && (from == TcpState.SYN_SENT || from == TcpState.SYN_RECEIVED)) {
            add(ATTEMPT_FAILS, 1);
        }
    }

    private static boolean isEstablished(TcpState state) {
        return state == TcpState.ESTABLISHED || state == TcpState.CLOSE_WAIT;
    }

    private void add(int counter, long amount) {
        values.lazySet(counter, values.getPlain(counter) + amount);
    }
}
