package toytcp.testkit;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import toytcp.codec.IcmpError;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.TcpConnection;
import toytcp.stack.tcp.TcpState;

import java.util.function.Consumer;

/// The core of this stack, in virtual time.
///
/// After each step it checks that events were reported by flush only, and that something is left that
/// will wake a connection that waits.
final class CoreSubject implements ScriptSubject {
    private static final int MAX_TURNS_AT_ONE_TIME = 1000;

    private final Endpoint endpoint;
    private final Exchange exchange;
    private final Recorder recorder;
    private long nowNanos;

    CoreSubject(Setting setting) {
        exchange = setting.exchange();
        recorder = setting.recorder();
        endpoint =
                new Endpoint(
                        setting.config(),
                        setting.allocator(),
                        recorder,
                        setting.iss(),
                        0,
                        setting.memory());
    }

    @Override
    public long nowNanos() {
        return nowNanos;
    }

    @Override
    public void pass(long nanos) {
        long endNanos = nowNanos + nanos;
        int turns = 0;
        while (endpoint.nextDeadlineNanos() <= endNanos) {
            long deadline = endpoint.nextDeadlineNanos();
            turns = deadline > nowNanos ? 0 : turns + 1;
            if (turns > MAX_TURNS_AT_ONE_TIME) {
                throw exchange.failure("the next deadline never moves", last());
            }
            now(Math.max(nowNanos, deadline));
            endpoint.onDeadline(nowNanos);
            flush();
        }
        now(endNanos);
    }

    /// Meets the deadlines that are due already, too.
    @Override
    public void settle() {
        flush();
        pass(0);
    }

    @Override
    public void arrive(TcpSegment segment) {
        endpoint.onSegment(segment, nowNanos);
    }

    @Override
    public void arrive(IcmpError error) {
        endpoint.onIcmpError(error, nowNanos);
    }

    @Override
    public @Nullable SentSegment next() {
        return recorder.segments().poll();
    }

    @Override
    public @Nullable SentSegment surplus() {
        return recorder.segments().peek();
    }

    @Override
    public void skip() {
        recorder.segments().clear();
    }

    @Override
    public boolean matches(SentSegment sent, ScriptText wanted, long sinceNanos) {
        return sent.matches(wanted, sinceNanos);
    }

    @Override
    public void listen(boolean holdsSyn) {
        endpoint.listen(holdsSyn);
    }

    @Override
    public void open() {
        endpoint.open(nowNanos);
    }

    @Override
    public void accept() {
        endpoint.accept(nowNanos);
    }

    @Override
    public void reject() {
        endpoint.reject();
    }

    @Override
    public void send(ByteBuf data) {
        connection().send(data, nowNanos);
    }

    @Override
    public void sendUrgent(ByteBuf data) {
        send(data);
        connection().markUrgent(nowNanos);
    }

    @Override
    public ByteBuf receive(int octets) {
        ByteBuf data = connection().receive(octets);
        if (data.isReadable()) {
            connection().consumed(data.readableBytes(), nowNanos);
        }
        return data;
    }

    @Override
    public void shutdown() {
        connection().shutdown(nowNanos);
    }

    @Override
    public void shutdownInput() {
        connection().shutdownInput(nowNanos);
    }

    @Override
    public void close() {
        connection().close(nowNanos);
    }

    @Override
    public void abort() {
        connection().abort(nowNanos);
    }

    @Override
    public void configure(Consumer<TcpConfig.Draft> change) {
        connection().configure(connection().config().with(change), nowNanos);
    }

    @Override
    public TcpState state() {
        return endpoint.state();
    }

    @Override
    public int readable() {
        return connection().readableBytes();
    }

    @Override
    public int unacknowledged() {
        return connection().unacknowledgedBytes();
    }

    @Override
    public @Nullable CloseReason endedFor(CloseReason expected) {
        return recorder.closeReason();
    }

    @Override
    public boolean isTransparent() {
        return true;
    }

    @Override
    public long nextDeadlineNanos() {
        return endpoint.nextDeadlineNanos();
    }

    @Override
    public Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public void finish() {
        if (endpoint.state() != TcpState.LISTEN) {
            connection().abort(nowNanos);
            recorder.flushing(true);
            connection().flush(nowNanos);
        }
    }

    private TcpConnection connection() {
        return endpoint.connection();
    }

    private void flush() {
        recorder.flushing(true);
        endpoint.flush(nowNanos);
        recorder.flushing(false);
        AssertionError violation = recorder.violation();
        if (violation != null) {
            throw violation;
        }
        if (endpoint.isStalled(nowNanos)) {
            throw exchange.failure("neither progress nor a live timer", last());
        }
    }

    private void now(long nanos) {
        nowNanos = nanos;
        recorder.now(nanos);
    }

    private int last() {
        return exchange.size() - 1;
    }
}
