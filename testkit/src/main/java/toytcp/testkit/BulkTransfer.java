package toytcp.testkit;

import io.netty.buffer.ByteBuf;

import toytcp.stack.tcp.TcpConnection;

/// An application that writes the first octets of [OctetPattern], ends its side, and reads and
/// checks all that the peer sends, until the peer ends its side too.
public final class BulkTransfer implements CoreApplication {
    private final int total;
    private int chunk = Integer.MAX_VALUE;
    private int readAtMost = Integer.MAX_VALUE;
    private long readEveryNanos;
    private boolean waitsForPeer;
    private boolean closes;

    private int written;
    private int received;
    private boolean established;
    private boolean peerEnded;
    private boolean ended;
    private boolean readScheduled;

    private BulkTransfer(int total) {
        this.total = total;
    }

    /// Sends `octets` octets, 0 or more.
    public static BulkTransfer of(int octets) {
        return new BulkTransfer(octets);
    }

    /// Writes pieces of at most `octets`; as much as the send buffer takes without this call.
    public BulkTransfer chunk(int octets) {
        chunk = octets;
        return this;
    }

    /// A slow reader: at most `octets` every `nanos`; all at once without this call.
    public BulkTransfer reading(int octets, long nanos) {
        readAtMost = octets;
        readEveryNanos = nanos;
        return this;
    }

    /// Ends its side only once the peer has ended, instead of right after the last octet.
    public BulkTransfer waitsForPeer() {
        waitsForPeer = true;
        return this;
    }

    /// Calls CLOSE for both directions once everything is written and read.
    public BulkTransfer closes() {
        closes = true;
        return this;
    }

    /// Octets read so far; all of them were right.
    public int received() {
        return received;
    }

    /// Whether all was written and everything was read up to the peer's end.
    public boolean isDone() {
        return ended && peerEnded;
    }

    /// Writes as much as there is room for before the connection is established. It ends no sooner than
    /// then: CLOSE in SYN-SENT would throw the octets away (RFC 9293, 3.10.4).
    public void start(CoreHost host) {
        write(host);
    }

    @Override
    public void onEvent(TcpEvent event, CoreHost host) {
        switch (event) {
            case ESTABLISHED -> {
                established = true;
                write(host);
            }
            case WRITABLE -> write(host);
            case READABLE, PEER_CLOSED -> read(host);
            case CLOSED -> {
                if (!ended) {
                    throw host.failure("closed with " + (total - written) + " octets unwritten");
                }
            }
            case URGENT, RETRANSMISSION_TROUBLE -> {}
        }
    }

    private void write(CoreHost host) {
        TcpConnection connection = host.connection();
        while (written < total && connection.sendBufferFree() > 0) {
            int room = Math.min(chunk, connection.sendBufferFree());
            int length = Math.min(total - written, room);
            connection.send(
                    OctetPattern.buffer(host.allocator(), written, length), host.nowNanos());
            written += length;
        }
        boolean mayEnd = established && (peerEnded || !waitsForPeer);
        if (written == total && !ended && mayEnd) {
            ended = true;
            connection.shutdown(host.nowNanos());
        }
        if (isDone() && closes) {
            connection.close(host.nowNanos());
        }
    }

    private void read(CoreHost host) {
        if (readEveryNanos == 0) {
            readNow(host);
        } else if (!readScheduled) {
            readScheduled = true;
            host.after(
                    readEveryNanos,
                    () -> {
                        readScheduled = false;
                        readNow(host);
                        if (!peerEnded && host.connection().readableBytes() > 0) {
                            read(host);
                        }
                    });
        }
    }

    private void readNow(CoreHost host) {
        TcpConnection connection = host.connection();
        int left = readAtMost;
        while (left > 0 && connection.readableBytes() > 0) {
            ByteBuf data = connection.receive(left);
            int length = data.readableBytes();
            int wrong = OctetPattern.mismatch(data, received);
            data.release();
            if (wrong >= 0) {
                throw host.failure("octet " + (received + wrong) + " is not what was written");
            }
            connection.consumed(length, host.nowNanos());
            received += length;
            left -= length;
        }
        if (!peerEnded && connection.isPeerClosed() && connection.readableBytes() == 0) {
            peerEnded = true;
            write(host);
        }
    }
}
