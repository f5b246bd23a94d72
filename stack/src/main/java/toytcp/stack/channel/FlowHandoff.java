package toytcp.stack.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Promise;

import org.jspecify.annotations.Nullable;

import toytcp.stack.tcp.TcpInfo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;

/// The channel's half of a flow whose channel is not on the link's event loop; [RemoteFlow] is the
/// half beside the connection.
///
/// Each direction has one queue and one pending wake-up. What may be sent is granted by the other
/// half as credit, never more than the connection's send buffer has room for; what was received is
/// pushed over at once, which is bounded because the window opens only by what was consumed.
final class FlowHandoff implements Flow, Mailbox.Owner {
    /// Calls without arguments, as messages to the other half.
    enum Command {
        MARK_URGENT,
        SHUTDOWN_INPUT,
        SHUTDOWN_OUTPUT,
        CLOSE,
        CLOSE_AND_TELL,
        ABORT
    }

    /// Events without arguments, as messages from the other half.
    enum Event {
        ESTABLISHED,
        INPUT_ENDED,
        FINISHED
    }

    private static final int SMALL = 256;
    private static final int GATHER_CAPACITY = 4096;

    private final FlowEvents events;
    private final Mailbox inbox;
    private final RemoteFlow remote;

    /// Octets that the other half allows to be sent and that were not counted in yet.
    private final AtomicInteger granted = new AtomicInteger();

    /// Set by the other half at once, so that a write fails even before the event is delivered.
    private volatile @Nullable IOException failure;

    private final ArrayDeque<ByteBuf> input = new ArrayDeque<>();

    /// The last buffer of the input if it is ours to append to.
    private @Nullable ByteBuf gather;

    private int readable;
    private int credit;
    private boolean inputEnded;
    private boolean discarding;
    private boolean closed;
    private boolean tellReadable;

    FlowHandoff(TcpStackHandler stack, EventLoop loop, FlowEvents events) {
        this.events = events;
        inbox = new Mailbox(this, loop);
        remote = new RemoteFlow(stack, this);
    }

    /// Begins an active open; errors come as [FlowEvents#failed].
    void connect(RemoteFlow.Connect request) {
        remote.inbox().put(request);
    }

    /// Joins a connection that exists, with the options as they are now.
    ///
    /// @param unused whether nothing was sent yet: then the whole send buffer may be used at once, so
    ///     that even the first write of a channel that has just become active does not wait
    void join(FlowDriver flow, FlowSettings settings, boolean unused) {
        credit = unused ? settings.initialCredit() : 0;
        remote.inbox().put(new RemoteFlow.Join(flow, settings, credit));
    }

    /// Moves the channel's half to another event loop, or to none for now.
    void moveTo(@Nullable EventLoop loop) {
        inbox.moveTo(loop);
    }

    // ---- called by the other half

    Mailbox inbox() {
        return inbox;
    }

    void grant(int octets) {
        granted.addAndGet(octets);
        inbox.wake();
    }

    void fail(IOException cause) {
        failure = cause;
        inbox.put(cause);
    }

    // ---- messages

    @Override
    public void onMessage(Object message) {
        switch (message) {
            case ByteBuf data -> onData(data);
            case Event event -> onEvent(event);
            case InetSocketAddress local -> events.connecting(local);
            case TcpReport report -> onReport(report);
            case IOException cause -> {
                tellReadable();
                events.failed(cause);
            }
            default -> throw new IllegalStateException("unknown message " + message);
        }
    }

    private void onData(ByteBuf data) {
        if (closed) {
            // Not consumed: the connection must reset, even if it hears of the close later than of
            // this.
            data.release();
            return;
        }
        if (discarding) {
            remote.consumed(data.readableBytes());
            data.release();
            return;
        }
        readable += data.readableBytes();
        keep(data);
        tellReadable = true;
    }

    /// Small ones behind others are copied together: a reader that stands still, and a peer that sends an
    /// octet a segment, must not cost a buffer for each.
    private void keep(ByteBuf data) {
        ByteBuf last = input.peekLast();
        int octets = data.readableBytes();
        if (last == null || octets >= SMALL) {
            gather = null;
            input.add(data);
            return;
        }
        if (last != gather || gather.writableBytes() < octets) {
            gather = data.alloc().directBuffer(GATHER_CAPACITY, GATHER_CAPACITY);
            input.add(gather);
        }
        gather.writeBytes(data);
        data.release();
    }

    private void onReport(TcpReport report) {
        // The other half counts from what it has not handed over yet.
        events.report(
                report instanceof TcpReport.UrgentAhead urgent
                        ? new TcpReport.UrgentAhead(readable + urgent.octets())
                        : report);
    }

    private void onEvent(Event event) {
        switch (event) {
            case ESTABLISHED -> events.established();
            case INPUT_ENDED -> {
                inputEnded = true;
                tellReadable = true;
            }
            case FINISHED -> events.finished();
        }
    }

    @Override
    public void onBatchEnd() {
        tellReadable();
        if (takeCredit()) {
            events.writable();
        }
    }

    private void tellReadable() {
        if (tellReadable) {
            tellReadable = false;
            events.readable();
        }
    }

    private boolean takeCredit() {
        int more = granted.getAndSet(0);
        credit += more;
        return more > 0;
    }

    // ---- Flow

    @Override
    public int readableBytes() {
        return readable;
    }

    @Override
    public ByteBuf receive(int max) {
        ByteBuf head = input.peek();
        if (head == null) {
            return Unpooled.EMPTY_BUFFER;
        }
        int octets = Math.min(max, head.readableBytes());
        readable -= octets;
        return octets == head.readableBytes() ? input.poll() : head.readRetainedSlice(octets);
    }

    @Override
    public boolean isInputEnded() {
        return discarding || inputEnded && readable == 0;
    }

    @Override
    public void consumed(int octets) {
        remote.consumed(octets);
    }

    @Override
    public int sendCredit() throws IOException {
        IOException cause = failure;
        if (cause != null) {
            throw cause;
        }
        takeCredit();
        return credit;
    }

    @Override
    public void send(ByteBuf data) {
        credit -= data.readableBytes();
        remote.inbox().add(data);
    }

    @Override
    public void markUrgent() {
        remote.inbox().add(Command.MARK_URGENT);
    }

    @Override
    public void flush() {
        remote.inbox().wake();
    }

    @Override
    public void configure(FlowSettings settings) {
        remote.inbox().put(settings);
    }

    @Override
    public void info(Promise<TcpInfo> promise) {
        if (!remote.inbox().put(new RemoteFlow.Question(promise))) {
            promise.tryFailure(new ClosedChannelException());
        }
    }

    @Override
    public void shutdownInput() {
        discarding = true;
        dropInput();
        remote.inbox().put(Command.SHUTDOWN_INPUT);
    }

    @Override
    public void shutdownOutput() {
        remote.inbox().put(Command.SHUTDOWN_OUTPUT);
    }

    @Override
    public void close(boolean linger) {
        // What was not read stays unconsumed, by which the connection knows that it must reset.
        closed = true;
        releaseInput();
        remote.inbox().put(linger ? Command.CLOSE_AND_TELL : Command.CLOSE);
    }

    @Override
    public void abort() {
        closed = true;
        releaseInput();
        remote.inbox().put(Command.ABORT);
    }

    private void dropInput() {
        if (readable > 0) {
            remote.consumed(readable);
        }
        releaseInput();
    }

    private void releaseInput() {
        readable = 0;
        input.forEach(ByteBuf::release);
        input.clear();
    }
}
