package toytcp.stack.tcp;

import toytcp.codec.DropReason;
import toytcp.codec.TcpSegment;

import java.util.ArrayList;
import java.util.List;

/// Keeps what a connection gives out.
final class RecordingOutput implements TcpOutput {
    final List<TcpSegment> segments = new ArrayList<>();
    final List<DropReason> drops = new ArrayList<>();
    final List<String> events = new ArrayList<>();

    /// The only segment since the last call; the caller owns it.
    TcpSegment takeOne() {
        if (segments.size() != 1) {
            throw new AssertionError("expected one segment, got " + segments);
        }
        return segments.removeFirst();
    }

    void release() {
        segments.forEach(TcpSegment::release);
        segments.clear();
    }

    @Override
    public void segment(TcpSegment segment) {
        segments.add(segment);
    }

    @Override
    public void stateChanged(TcpState from, TcpState to) {
        events.add(to.rfcName());
    }

    @Override
    public void dropped(DropReason reason) {
        drops.add(reason);
    }

    @Override
    public void established() {
        events.add("established");
    }

    @Override
    public void readable() {
        events.add("readable");
    }

    @Override
    public void peerClosed() {
        events.add("peerClosed");
    }

    @Override
    public void urgent() {
        events.add("urgent");
    }

    @Override
    public void writable() {
        events.add("writable");
    }

    @Override
    public void retransmissionTrouble() {
        events.add("retransmissionTrouble");
    }

    @Override
    public void closed(CloseReason reason) {
        events.add("closed " + reason);
    }
}
