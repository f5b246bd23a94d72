package toytcp.stack.tcp;

import io.netty.buffer.ByteBuf;

/// The user's calls (RFC 9293, 3.10.1 to 3.10.5).
final class UserCalls {
    private final Tcb tcb;
    private final Transmitter transmitter;

    UserCalls(Tcb tcb, Transmitter transmitter) {
        this.tcb = tcb;
        this.transmitter = transmitter;
    }

    /// 3.10.1, active.
    void open() {
        if (tcb.state != TcpState.CLOSED || tcb.closeReason != null) {
            throw new IllegalStateException("connection already exists: " + tcb.state.rfcName());
        }
        tcb.enter(TcpState.SYN_SENT);
    }

    /// 3.10.2.
    void send(ByteBuf data) {
        boolean open = tcb.state != TcpState.CLOSED && !tcb.finQueued;
        int free = tcb.config.sendBuffer() - tcb.sendQueue.size();
        if (open && data.readableBytes() <= free) {
            tcb.sendQueue.append(data);
            return;
        }
        int octets = data.readableBytes();
        data.release();
        if (tcb.state == TcpState.CLOSED) {
            throw new IllegalStateException("connection does not exist: open it first");
        }
        if (!open) {
            throw new IllegalStateException("connection closing: " + tcb.state.rfcName());
        }
        throw new IllegalArgumentException(
                "insufficient resources: " + octets + " octets, room for " + free);
    }

    /// 3.10.2, the URGENT flag.
    void markUrgent() {
        if (tcb.sendQueue.isEmpty()) {
            return;
        }
        tcb.snd.up = tcb.sendQueue.end();
        if (tcb.state.isSynchronized()) {
            // If no data can leave now, an ACK carries the notice ahead of them.
            tcb.acks.acknowledgeNow();
        }
    }

    /// 3.10.3, the part that makes room.
    void consumed(int octets, long nowNanos) {
        tcb.receiveQueue.consumed(octets);
        tcb.memory.consumed(octets, nowNanos);
        tcb.memory.settle();
        announceRoom();
    }

    /// What is readable is thrown away, what comes is acknowledged and thrown away.
    void shutdownInput() {
        if (tcb.reading == Tcb.Reading.OPEN) {
            tcb.reading = Tcb.Reading.DISCARD;
            tcb.receiveQueue.release();
            announceRoom();
        }
    }

    /// 3.10.4: the RFC's CLOSE, which closes one direction only.
    void shutdown() {
        if (tcb.finQueued) {
            return;
        }
        switch (tcb.state) {
            case SYN_SENT -> tcb.close(CloseReason.ABORTED);
            case SYN_RECEIVED -> tcb.finQueued = true;
            case ESTABLISHED -> {
                tcb.finQueued = true;
                tcb.enter(TcpState.FIN_WAIT_1);
            }
            case CLOSE_WAIT -> {
                tcb.finQueued = true;
                tcb.enter(TcpState.LAST_ACK);
            }
            default -> {}
        }
    }

    /// Both directions, as `close()` of a socket.
    void close(long nowNanos) {
        boolean unread =
                tcb.reading == Tcb.Reading.OPEN
                        && (tcb.receiveQueue.unconsumed() > 0 || !tcb.assembler.isEmpty());
        if (unread && tcb.state != TcpState.CLOSED && tcb.state != TcpState.TIME_WAIT) {
            // RFC 9293, 3.6.1: "SHOULD send a RST to show that data was lost".
            transmitter.reset(nowNanos);
            tcb.close(CloseReason.ABORTED);
            return;
        }
        tcb.receiveQueue.release();
        // In CLOSED there is no connection to close (3.10.4), and an open that follows begins anew.
        if (tcb.state != TcpState.CLOSED && tcb.reading != Tcb.Reading.CLOSED) {
            tcb.reading = Tcb.Reading.CLOSED;
            shutdown();
            tcb.limitFinWait2(nowNanos);
        }
    }

    /// 3.10.5.
    void abort(long nowNanos) {
        switch (tcb.state) {
            case SYN_RECEIVED, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT ->
                    transmitter.reset(nowNanos);
            case CLOSED -> {
                tcb.receiveQueue.release();
                return;
            }
            default -> {}
        }
        tcb.close(CloseReason.ABORTED);
    }

    /// Settings of a running connection; those that were negotiated stay as they are.
    void configure(TcpConfig config, long nowNanos) {
        // Linux: switching the Nagle algorithm off pushes out what a cork holds.
        tcb.corkLifted |= config.noDelay() && !tcb.config.noDelay();
        TcpConfig before = tcb.config;
        boolean switched = config.congestion() != before.congestion();
        long patience = tcb.giveUpNanos();
        tcb.config = config;
        if (switched && tcb.congestion != null) {
            tcb.replaceController(config.congestion());
        }
        if (tcb.rcv != null) {
            announceRoom();
            configureKeepAlive(before, nowNanos);
        }
        // The patience began with the oldest octet, and goes on from there: an application that
        // sets options again and again must not make it endless.
        tcb.timers.postpone(Timers.Kind.GIVE_UP, tcb.giveUpNanos() - patience);
    }

    /// The interval and the number of probes count from the next timer on.
    private void configureKeepAlive(TcpConfig before, long nowNanos) {
        TcpConfig config = tcb.config;
        boolean changed =
                config.keepAlive() != before.keepAlive()
                        || config.keepAliveIdleNanos() != before.keepAliveIdleNanos();
        // A probe that is out keeps its time to be answered.
        boolean probing =
                tcb.keepAliveProbes > 0
                        && config.keepAlive()
                        && tcb.timers.isArmed(Timers.Kind.KEEP_ALIVE);
        if (changed && !probing) {
            tcb.armKeepAlive(nowNanos);
        }
    }

    private void announceRoom() {
        boolean due =
                tcb.state.canReceive()
                        && (tcb.memory.isReopened()
                                || tcb.rcv.isUpdateDue(
                                        tcb.memory.receiveBuffer(),
                                        tcb.receiveQueue.unconsumed(),
                                        tcb.snd.mss));
        if (due) {
            tcb.acks.acknowledgeNow();
        }
    }
}
