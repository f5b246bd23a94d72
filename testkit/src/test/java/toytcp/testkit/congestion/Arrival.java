package toytcp.testkit.congestion;

import toytcp.testkit.BulkTransfer;
import toytcp.testkit.CoreHost;

/// What arrives at a host, and when the last of it did.
final class Arrival {
    private final BulkTransfer transfer = BulkTransfer.of(0).waitsForPeer();
    private long endNanos;

    Arrival(CoreHost at) {
        at.application(
                (event, host) -> {
                    transfer.onEvent(event, host);
                    if (transfer.isDone() && endNanos == 0) {
                        endNanos = host.nowNanos();
                    }
                });
    }

    long octets() {
        return transfer.received();
    }

    /// The end of both sides, on the host's clock.
    long endNanos() {
        return endNanos;
    }
}
