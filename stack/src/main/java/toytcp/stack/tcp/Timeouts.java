package toytcp.stack.tcp;

/// What happens when time passes (RFC 9293, 3.10.8, 3.8.1, 3.8.3, 3.8.4, 3.8.6.1).
final class Timeouts {
    private final Tcb tcb;
    private final Transmitter transmitter;

    Timeouts(Tcb tcb, Transmitter transmitter) {
        this.tcb = tcb;
        this.transmitter = transmitter;
    }

    void onDeadline(long nowNanos) {
        Timers timers = tcb.timers;
        if (timers.expire(Timers.Kind.GIVE_UP, nowNanos)) {
            giveUp(CloseReason.TIMED_OUT, nowNanos);
        }
        if (timers.expire(Timers.Kind.TIME_WAIT, nowNanos)) {
            tcb.close(tcb.state == TcpState.TIME_WAIT ? CloseReason.NORMAL : CloseReason.TIMED_OUT);
        }
        if (timers.expire(Timers.Kind.REORDER, nowNanos)) {
            tcb.recovery.onReorderTimeout(nowNanos);
            tcb.armRecoveryTimers(false, nowNanos);
        }
        if (timers.expire(Timers.Kind.LOSS_PROBE, nowNanos)) {
            onLossProbe(nowNanos);
        }
        if (timers.expire(Timers.Kind.RETRANSMISSION, nowNanos)) {
            onRetransmission(nowNanos);
        }
        if (timers.expire(Timers.Kind.PERSIST, nowNanos)) {
            onPersist(nowNanos);
        }
        if (timers.expire(Timers.Kind.DELAYED_ACK, nowNanos)) {
            tcb.acks.acknowledgeNow();
        }
        if (timers.expire(Timers.Kind.CORK, nowNanos)) {
            tcb.corkLifted = true;
        }
        // What waited leaves with the flush.
        timers.expire(Timers.Kind.PACING, nowNanos);
        if (timers.expire(Timers.Kind.KEEP_ALIVE, nowNanos)) {
            onKeepAlive(nowNanos);
        }
    }

    /// RFC 8985, 7.3: "After attempting to send a loss probe, regardless of whether a loss probe was sent, the
    /// sender MUST re-arm the RTO timer".
    private void onLossProbe(long nowNanos) {
        if (tcb.snd.una == tcb.snd.nxt) {
            return;
        }
        // Not beyond an edge that came back (RFC 9293, 3.8.6, SHLD-16).
        if (tcb.snd.flightSize() <= tcb.snd.wnd && tcb.recovery.takeProbe()) {
            transmitter.probeTail(nowNanos);
        }
        tcb.timers.arm(Timers.Kind.RETRANSMISSION, nowNanos + tcb.rtt.rto());
    }

    /// RFC 6298, 5.4 to 5.6.
    private void onRetransmission(long nowNanos) {
        boolean first = tcb.retransmissions == 0;
        boolean closed = tcb.state.isSynchronized() && tcb.snd.wnd == 0;
        if (!closed) {
            tcb.rtt.backOff();
        }
        tcb.retransmissions++;
        if (tcb.retransmissions == tcb.config.retransmissionsR1()) {
            tcb.events |= Events.TROUBLE;
        }
        if (closed) {
            // The peer took its window back: "If the window shrinks to zero, the TCP implementation
            // MUST probe it in the standard way" (RFC 9293, 3.8.6), whose interval grows by itself.
            onPersist(nowNanos);
        } else if (tcb.state.isSynchronized()) {
            tcb.path.onTimeout(nowNanos);
            tcb.recovery.onRetransmissionTimeout(first, nowNanos);
            tcb.armRecoveryTimers(false, nowNanos);
        } else {
            tcb.synLost = true;
            tcb.snd.cursor = tcb.snd.iss;
        }
    }

    private void onPersist(long nowNanos) {
        tcb.unansweredProbes++;
        if (transmitter.probe(nowNanos)) {
            tcb.timers.arm(Timers.Kind.PERSIST, nowNanos + tcb.persistIntervalNanos());
        }
    }

    private void onKeepAlive(long nowNanos) {
        TcpConfig config = tcb.config;
        if (!config.keepAlive() || tcb.state == TcpState.TIME_WAIT) {
            return;
        }
        long quiet = nowNanos - tcb.receivedAt;
        // MUST-26: only when nothing is outstanding and nothing came for the whole interval.
        if (tcb.snd.una != tcb.snd.nxt || tcb.hasUnsent()) {
            tcb.timers.arm(Timers.Kind.KEEP_ALIVE, nowNanos + config.keepAliveIdleNanos());
        } else if (quiet < config.keepAliveIdleNanos()) {
            tcb.armKeepAlive(nowNanos);
        } else if (tcb.keepAliveProbes >= config.keepAliveProbes()) {
            giveUp(CloseReason.KEEP_ALIVE_TIMED_OUT, nowNanos);
        } else {
            tcb.keepAliveProbes++;
            transmitter.keepAliveProbe(nowNanos);
            tcb.timers.arm(Timers.Kind.KEEP_ALIVE, nowNanos + config.keepAliveIntervalNanos());
        }
    }

    /// The peer may be alive behind a path that eats acknowledgements: an RST frees it.
    private void giveUp(CloseReason reason, long nowNanos) {
        if (tcb.state.isSynchronized()) {
            transmitter.reset(nowNanos);
        }
        tcb.close(reason);
    }
}
