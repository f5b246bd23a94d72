package toytcp.stack.channel;

import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;

import org.jspecify.annotations.Nullable;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/// Carries messages to an owner on another event loop, in order, with one wake-up for as many as
/// come before it runs.
final class Mailbox implements Runnable {
    private final Queue<Object> messages = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Owner owner;

    /// Null while the owner is between two event loops; messages wait then. Read by the other side.
    private volatile @Nullable EventLoop loop;

    Mailbox(Owner owner, @Nullable EventLoop loop) {
        this.owner = owner;
        this.loop = loop;
    }

    /// Both methods are called on the owner's event loop.
    interface Owner {
        void onMessage(Object message);

        /// All messages of this wake-up were shown, perhaps none.
        void onBatchEnd();
    }

    /// Moves the owner to another event loop, or to none for now.
    void moveTo(@Nullable EventLoop loop) {
        this.loop = loop;
        if (loop != null) {
            wake();
        }
    }

    /// Leaves a message, which belongs to the owner from now on.
    ///
    /// @return false if the owner's event loop was shut down: then the message was released
    boolean put(Object message) {
        messages.add(message);
        return wake();
    }

    /// Leaves a message that may wait for a [#wake], as a part of a batch.
    void add(Object message) {
        messages.add(message);
    }

    /// Lets the owner run without a message.
    ///
    /// @return false if the owner's event loop was shut down
    boolean wake() {
        EventLoop target = loop;
        if (target == null || woken.getAndSet(true)) {
            return true;
        }
        try {
            target.execute(this);
            return true;
        } catch (RejectedExecutionException e) {
            woken.set(false);
            for (Object message; (message = messages.poll()) != null; ) {
                ReferenceCountUtil.release(message);
            }
            return false;
        }
    }

    @Override
    public void run() {
        // First, so that what is added from now on wakes again.
        woken.set(false);
        EventLoop current = loop;
        if (current == null || !current.inEventLoop()) {
            // The owner moved away after this wake-up was sent.
            wake();
            return;
        }
        try {
            for (Object message; (message = messages.poll()) != null; ) {
                owner.onMessage(message);
            }
            owner.onBatchEnd();
        } finally {
            if (!messages.isEmpty()) {
                // Only after an exception, behind which the other messages must not be stuck.
                wake();
            }
        }
    }
}
