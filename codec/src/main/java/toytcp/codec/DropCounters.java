package toytcp.codec;

import java.util.concurrent.atomic.LongAdder;

/// One counter for each [DropReason]; counted on the event loop, readable from any thread.
public final class DropCounters {
    private final LongAdder[] counters = new LongAdder[DropReason.values().length];

    /// All counters at zero.
    public DropCounters() {
        for (int i = 0; i < counters.length; i++) {
            counters[i] = new LongAdder();
        }
    }

    /// Counts one drop.
    public void count(DropReason reason) {
        counters[reason.ordinal()].increment();
    }

    /// How often this reason was counted.
    public long get(DropReason reason) {
        return counters[reason.ordinal()].sum();
    }

    /// The sum over all reasons.
    public long total() {
        long sum = 0;
        for (LongAdder counter : counters) {
            sum += counter.sum();
        }
        return sum;
    }

    /// The reasons that were counted at all, as `TCP_CHECKSUM=3 NO_FLOW=1`; `none` if there are none.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (DropReason reason : DropReason.values()) {
            if (get(reason) > 0) {
                text.append(text.isEmpty() ? "" : " ")
                        .append(reason)
                        .append('=')
                        .append(get(reason));
            }
        }
        return text.isEmpty() ? "none" : text.toString();
    }
}
