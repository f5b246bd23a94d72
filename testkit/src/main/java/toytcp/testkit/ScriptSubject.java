package toytcp.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

import org.jspecify.annotations.Nullable;

import toytcp.codec.IcmpError;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.MemoryBudget;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.TcpState;

import java.util.function.Consumer;

/// The TCP that a [TcpScript] is played to: the core of this stack in virtual time, or any other one.
///
/// A script holds it to what it sends, so everything that it sends goes to the [Recorder] that it is
/// made with, in sequence numbers that begin where the script says, whatever those on the wire are.
interface ScriptSubject {
    /// What a script brings to the making of its subject.
    ///
    /// @param config the settings of the connection
    /// @param memory what it shares with others
    /// @param iss the initial sequence number that it has in the script
    /// @param allocator for what it sends
    /// @param exchange where the events stand
    /// @param recorder where its segments go
    record Setting(
            TcpConfig config,
            MemoryBudget memory,
            int iss,
            UnpooledByteBufAllocator allocator,
            Exchange exchange,
            Recorder recorder) {}

    /// Makes a subject.
    @FunctionalInterface
    interface Factory {
        ScriptSubject subject(Setting setting);
    }

    /// Nanoseconds since the script began.
    long nowNanos();

    /// Time passes; whatever is due on the way happens, what is due at the very end too.
    void pass(long nanos);

    /// Ends an event-loop turn.
    void settle();

    // ---- the network

    /// A segment arrives; its ownership is the subject's.
    void arrive(TcpSegment segment);

    /// An ICMP error arrives.
    void arrive(IcmpError error);

    /// Takes the segment that was sent next; null if there is none.
    @Nullable SentSegment next();

    /// The segment that was sent and not taken, if no script may overlook it now; null if there is none.
    @Nullable SentSegment surplus();

    /// Forgets what was sent and not taken.
    void skip();

    /// Whether a segment is what a line asks for, whose time counts from `sinceNanos`.
    boolean matches(SentSegment sent, ScriptText wanted, long sinceNanos);

    // ---- the user

    /// A passive open. With `holdsSyn` a SYN stays pending until [#accept] or [#reject].
    void listen(boolean holdsSyn);

    /// An active open.
    void open();

    /// Answers a pending SYN.
    void accept();

    /// Refuses a pending SYN.
    void reject();

    /// Takes ownership of `data`.
    void send(ByteBuf data);

    /// Takes ownership of `data`, the last octet of which ends the urgent data.
    void sendUrgent(ByteBuf data);

    /// What can be read, at most `octets` of it, consumed by this; the caller releases it.
    ByteBuf receive(int octets);

    /// No more writing.
    void shutdown();

    /// No more reading.
    void shutdownInput();

    /// Neither writing nor reading.
    void close();

    /// The end, at once.
    void abort();

    /// Changes settings of the running connection.
    void configure(Consumer<TcpConfig.Draft> change);

    // ---- what is true now

    TcpState state();

    /// Octets that can be read.
    int readable();

    /// Octets that were written and are not acknowledged.
    int unacknowledged();

    /// Why the connection has ended: `expected`, if that may be the reason for all that can be known.
    @Nullable CloseReason endedFor(CloseReason expected);

    /// Whether events, drops and timers are known. If not, a script asks for them in vain, and goes on.
    boolean isTransparent();

    /// When the next timer expires; `Long.MAX_VALUE` if none runs.
    long nextDeadlineNanos();

    /// The port under test itself.
    ///
    /// @throws UnsupportedOperationException if it is not one of this stack
    Endpoint endpoint();

    /// The end of the script: everything is given back.
    void finish();
}
