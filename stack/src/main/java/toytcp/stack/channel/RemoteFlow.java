package toytcp.stack.channel;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Promise;

import org.jspecify.annotations.Nullable;

import toytcp.stack.tcp.TcpInfo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicInteger;

/// The connection's half of a flow whose channel is on another event loop; see [FlowHandoff].
final class RemoteFlow implements FlowEvents, Mailbox.Owner {
    /// A request to open a connection.
    ///
    /// @param bound what the channel was bound to before, or null
    /// @param local what to bind first, or null
    /// @param reuse the SO_REUSEADDR option, for that
    /// @param remote the other end
    /// @param settings the options
    record Connect(
            LocalPorts.@Nullable Binding bound,
            @Nullable InetSocketAddress local,
            boolean reuse,
            InetSocketAddress remote,
            FlowSettings settings) {}

    /// A connection that exists, to be joined.
    ///
    /// @param flow the connection
    /// @param settings the options of its channel
    /// @param credit octets that the channel allows itself to send already
    record Join(FlowDriver flow, FlowSettings settings, int credit) {}

    /// What is known of the connection?
    ///
    /// @param promise the answer
    record Question(Promise<TcpInfo> promise) {}

    private final TcpStackHandler stack;
    private final FlowHandoff channel;
    private final Mailbox inbox;

    /// Octets that the application took over and that the connection was not told of yet.
    private final AtomicInteger consumed = new AtomicInteger();

    private @Nullable FlowDriver driver;

    /// Octets that the channel may send or has sent and that did not arrive here yet.
    private int outstandingCredit;

    /// The SO_SNDBUF option.
    private int sendLimit;

    private boolean endTold;

    RemoteFlow(TcpStackHandler stack, FlowHandoff channel) {
        this.stack = stack;
        this.channel = channel;
        inbox = new Mailbox(this, stack.eventLoop());
    }

    Mailbox inbox() {
        return inbox;
    }

    /// Called by the other half.
    void consumed(int octets) {
        consumed.addAndGet(octets);
        inbox.wake();
    }

    // ---- messages

    @Override
    public void onMessage(Object message) {
        switch (message) {
            case ByteBuf data -> onData(data);
            case FlowHandoff.Command command -> onCommand(command);
            case FlowSettings settings -> onSettings(settings);
            case Connect request -> onConnect(request);
            case Join join -> onJoin(join);
            case Question question -> onQuestion(question.promise());
            default -> throw new IllegalStateException("unknown message " + message);
        }
    }

    @Override
    public void onBatchEnd() {
        takeConsumed();
    }

    private void onConnect(Connect request) {
        sendLimit = request.settings().tcp().sendBuffer();
        try {
            LocalPorts.Binding bound = request.bound();
            if (request.local() != null) {
                bound = stack.bind(request.local(), request.reuse());
            }
            try {
                driver = stack.connect(bound, request.remote(), request.settings(), this);
            } finally {
                if (bound != null && bound != request.bound()) {
                    // From here on only the connection holds the port, or nobody.
                    bound.close();
                }
            }
        } catch (IOException e) {
            channel.fail(e);
        } catch (RuntimeException e) {
            // A bug below must not leave the promise, on another event loop, without an answer.
            channel.fail(new IOException("connect failed: " + e, e));
        }
    }

    private void onJoin(Join join) {
        driver = join.flow();
        outstandingCredit = join.credit();
        onSettings(join.settings());
        join.flow().attach(this);
    }

    private void onData(ByteBuf data) {
        int octets = data.readableBytes();
        outstandingCredit -= octets;
        if (driver == null) {
            data.release();
        } else {
            driver.send(data);
        }
    }

    private void onSettings(FlowSettings given) {
        if (driver == null) {
            return;
        }
        FlowSettings settings = given;
        sendLimit = settings.tcp().sendBuffer();
        // What was granted already must still be taken, even if the buffer is to be smaller now.
        int promised = driver.unacknowledgedBytes() + outstandingCredit;
        if (promised > sendLimit) {
            settings = settings.with(draft -> draft.sendBuffer = promised);
        }
        driver.configure(settings);
        grant();
    }

    private void onQuestion(Promise<TcpInfo> promise) {
        if (driver == null) {
            promise.tryFailure(new ClosedChannelException());
        } else {
            driver.info(promise);
        }
    }

    private void onCommand(FlowHandoff.Command command) {
        if (driver == null) {
            return;
        }
        takeConsumed();
        switch (command) {
            case MARK_URGENT -> driver.markUrgent();
            case SHUTDOWN_INPUT -> driver.shutdownInput();
            case SHUTDOWN_OUTPUT -> driver.shutdownOutput();
            case CLOSE -> driver.close(false);
            case CLOSE_AND_TELL -> driver.close(true);
            case ABORT -> driver.abort();
        }
    }

    private void takeConsumed() {
        int octets = consumed.getAndSet(0);
        if (octets > 0 && driver != null) {
            driver.consumed(octets);
        }
    }

    private void grant() {
        int room = Math.min(driver.sendCreditOrZero(), sendLimit - driver.unacknowledgedBytes());
        int more = room - outstandingCredit;
        if (more > 0) {
            outstandingCredit += more;
            channel.grant(more);
        }
    }

    // ---- FlowEvents

    @Override
    public void connecting(InetSocketAddress local) {
        tell(local);
    }

    @Override
    public void established() {
        // Before the event, so that the first write of the active channel does not wait.
        grant();
        tell(FlowHandoff.Event.ESTABLISHED);
    }

    @Override
    public void readable() {
        while (driver.readableBytes() > 0) {
            tell(driver.receive(Integer.MAX_VALUE));
        }
        if (driver.isInputEnded() && !endTold) {
            endTold = true;
            tell(FlowHandoff.Event.INPUT_ENDED);
        }
    }

    @Override
    public void writable() {
        grant();
    }

    @Override
    public void report(TcpReport report) {
        tell(report);
    }

    @Override
    public void finished() {
        tell(FlowHandoff.Event.FINISHED);
    }

    @Override
    public void failed(IOException cause) {
        if (driver != null) {
            readable();
        }
        channel.fail(cause);
    }

    private void tell(Object message) {
        if (!channel.inbox().put(message) && driver != null) {
            // The channel's event loop was shut down: nobody will ever read or close.
            driver.abort();
        }
    }
}
