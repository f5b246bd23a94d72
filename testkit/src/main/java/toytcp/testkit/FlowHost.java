package toytcp.testkit;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import toytcp.codec.DropReason;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.TcpConnection;
import toytcp.stack.tcp.TcpOutput;
import toytcp.stack.tcp.TcpState;

/// One end of a [BottleneckFlow]: a connection, its clock, and an application that writes what it is
/// told to and reads everything at once.
final class FlowHost implements TcpOutput, BottleneckNetwork.Source {
    /// Segments a write: a segment that spans two writes costs more.
    private static final int SEGMENTS_A_WRITE = 32;

    private final BottleneckNetwork network;
    private final int index;
    private final Endpoint endpoint;
    private final FlowLine line;
    private final RecoveryWatch recoveries = new RecoveryWatch();

    private long granularityNanos = 1;
    private long nowNanos;
    private long toWrite;
    private long received;
    private boolean again;
    private boolean ended;
    private @Nullable CloseReason closeReason;

    FlowHost(BottleneckNetwork network, TcpConfig config, FlowLine line) {
        this.network = network;
        this.line = line;
        int iss = network.random().nextInt();
        int offset = network.random().nextInt();
        endpoint = new Endpoint(config, network.allocator(), this, iss, offset);
        index = network.add(this);
    }

    void granularity(long nanos) {
        granularityNanos = nanos;
    }

    void listen() {
        endpoint.listen(false);
    }

    void open(long trueNanos) {
        nowNanos = seen(trueNanos);
        endpoint.open(nowNanos);
        settle();
    }

    /// Writes `octets` more, as there is room for them.
    void write(long octets, long trueNanos) {
        nowNanos = seen(trueNanos);
        toWrite += octets;
        write();
        settle();
    }

    TcpConnection connection() {
        return endpoint.connection();
    }

    long received() {
        return received;
    }

    RecoveryWatch recoveries() {
        return recoveries;
    }

    @Nullable CloseReason closeReason() {
        return closeReason;
    }

    void receive(TcpSegment segment, long trueNanos) {
        nowNanos = seen(trueNanos);
        endpoint.onSegment(segment, nowNanos);
        settle();
    }

    @Override
    public void run(long trueNanos) {
        nowNanos = seen(trueNanos);
        endpoint.onDeadline(nowNanos);
        settle();
    }

    @Override
    public void close() {
        ended = true;
        TcpConnection connection = endpoint.connection();
        if (connection.state() != TcpState.CLOSED) {
            connection.abort(nowNanos);
            connection.flush(nowNanos);
        }
    }

    private long seen(long trueNanos) {
        return granularityNanos == 1 ? trueNanos : trueNanos - trueNanos % granularityNanos;
    }

    /// Sends what is due, and sees to the next wake-up.
    private void settle() {
        do {
            again = false;
            endpoint.flush(nowNanos);
        } while (again);
        recoveries.look(endpoint.connection(), nowNanos);
        long deadline = endpoint.nextDeadlineNanos();
        if (endpoint.isStalled(nowNanos)) {
            throw network.failure("neither progress nor a live timer in " + endpoint.state());
        }
        if (granularityNanos > 1 && deadline != Long.MAX_VALUE) {
            deadline = seen(deadline + granularityNanos - 1);
        }
        network.due(index, deadline);
    }

    private void write() {
        TcpConnection connection = endpoint.connection();
        if (toWrite == 0 || connection.maximumSegmentSize() == 0) {
            return;
        }
        ByteBuf content = network.content(SEGMENTS_A_WRITE * connection.maximumSegmentSize());
        int length = nextWrite(connection);
        while (length > 0) {
            connection.send(content.retainedSlice(0, length), nowNanos);
            toWrite -= length;
            again = true;
            length = nextWrite(connection);
        }
    }

    /// Whole segments, as long as there is room for one: what spans two writes costs more.
    private int nextWrite(TcpConnection connection) {
        int segment = connection.maximumSegmentSize();
        int free = connection.sendBufferFree();
        int most = (int) Math.min(toWrite, Math.min(free, SEGMENTS_A_WRITE * segment));
        boolean last = most == toWrite || connection.unacknowledgedBytes() == 0 && most < segment;
        return last ? most : most - most % segment;
    }

    @Override
    public void segment(TcpSegment segment) {
        if (ended) {
            segment.release();
        } else {
            line.send(segment, network.nowNanos());
        }
    }

    @Override
    public void established() {
        write();
    }

    @Override
    public void readable() {
        TcpConnection connection = endpoint.connection();
        int octets = 0;
        while (connection.readableBytes() > 0) {
            ByteBuf data = connection.receive(Integer.MAX_VALUE);
            octets += data.readableBytes();
            data.release();
        }
        connection.consumed(octets, nowNanos);
        received += octets;
        again = true;
    }

    @Override
    public void writable() {
        write();
    }

    @Override
    public void closed(CloseReason reason) {
        closeReason = reason;
    }

    @Override
    public void stateChanged(TcpState from, TcpState to) {}

    @Override
    public void dropped(DropReason reason) {}

    @Override
    public void peerClosed() {}

    @Override
    public void urgent() {}

    @Override
    public void retransmissionTrouble() {}
}
