package toytcp.stack.channel;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;

import toytcp.stack.tcp.HalfOpenConnection;

import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/// A [HalfOpenEntry] as the application sees it: carries its decision to the link's event loop.
final class PendingAttempt implements PendingConnection {
    private final HalfOpenEntry entry;
    private final EventLoop link;
    private final EventLoop server;

    /// Decisions come from any thread: the first one counts.
    private final AtomicBoolean decided = new AtomicBoolean();

    private final Promise<Outcome> outcome;

    /// When it expires, in the link's time.
    final long deadlineNanos;

    /// @param server the event loop of the server channel
    PendingAttempt(HalfOpenEntry entry, EventLoop link, EventLoop server, long deadlineNanos) {
        this.entry = entry;
        this.link = link;
        this.server = server;
        this.deadlineNanos = deadlineNanos;
        outcome = new DefaultPromise<>(server);
        // The application decides by its calls, not by cancelling the future of their outcome.
        outcome.setUncancellable();
    }

    /// On the link's event loop: the attempt is over without the application.
    ///
    /// @return false if the application has decided, and its decision is on its way here
    boolean ended(Outcome how) {
        if (!decided.compareAndSet(false, true)) {
            return false;
        }
        try {
            // Later: listeners may call anything, and the listener is in the middle of its work.
            server.execute(() -> outcome.setSuccess(how));
        } catch (RejectedExecutionException e) {
            // The event loop was shut down: only who waits on another thread can still hear of it.
            outcome.setSuccess(how);
        }
        return true;
    }

    @Override
    public boolean accept() {
        return decide(Outcome.ACCEPTED);
    }

    @Override
    public boolean reject() {
        return decide(Outcome.REJECTED);
    }

    @Override
    public boolean drop() {
        return decide(Outcome.DROPPED);
    }

    private boolean decide(Outcome how) {
        if (!decided.compareAndSet(false, true)) {
            return false;
        }
        if (link.inEventLoop()) {
            entry.listener.onDecision(entry, how);
        } else {
            run(link, () -> entry.listener.onDecision(entry, how));
        }
        outcome.setSuccess(how);
        return true;
    }

    private static void run(EventLoop loop, Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException _) {
            // The event loop was shut down, and with it everything that this is about.
        }
    }

    @Override
    public InetSocketAddress localAddress() {
        return Endpoints.socketAddress(entry.localHigh, entry.localLow, entry.localPort);
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return Endpoints.socketAddress(entry.remoteHigh, entry.remoteLow, entry.remotePort);
    }

    @Override
    public int maximumSegmentSize() {
        return halfOpen().peerMaximumSegmentSize();
    }

    @Override
    public int windowScale() {
        return halfOpen().peerWindowScale();
    }

    @Override
    public boolean isSackPermitted() {
        return halfOpen().isPeerSackPermitted();
    }

    @Override
    public boolean hasTimestamps() {
        return halfOpen().peerHasTimestamps();
    }

    private HalfOpenConnection halfOpen() {
        return entry.halfOpen;
    }

    @Override
    public Future<Outcome> outcome() {
        return outcome;
    }

    /// `10.0.0.1:61000 -> 10.0.1.1:40000`, the local end first.
    @Override
    public String toString() {
        return "pending " + entry;
    }
}
