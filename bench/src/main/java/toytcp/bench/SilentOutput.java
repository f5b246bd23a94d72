package toytcp.bench;

import toytcp.codec.DropReason;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.TcpOutput;
import toytcp.stack.tcp.TcpState;

/// Nobody who listens to events.
abstract class SilentOutput implements TcpOutput {
    @Override
    public abstract void segment(TcpSegment segment);

    @Override
    public void stateChanged(TcpState from, TcpState to) {}

    @Override
    public void dropped(DropReason reason) {}

    @Override
    public void established() {}

    @Override
    public void readable() {}

    @Override
    public void peerClosed() {}

    @Override
    public void urgent() {}

    @Override
    public void writable() {}

    @Override
    public void retransmissionTrouble() {}

    /// The sequence of a bulk transfer has no end.
    @Override
    public void closed(CloseReason reason) {
        throw new IllegalStateException("the connection ended: " + reason);
    }
}
