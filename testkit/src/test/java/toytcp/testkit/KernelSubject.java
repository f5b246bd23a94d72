package toytcp.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import toytcp.codec.IcmpError;
import toytcp.codec.IpPacket;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.TcpState;

import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A socket of the kernel, in real time.
///
/// What the kernel sends in answer to a segment or a call is there when that returns, so only
/// [#pass] waits. Timers of the kernel are late by some ticks: a segment that a script asks for after
/// some time may come somewhat later than that, and one that comes about then is not held against
/// [TcpScript#silent].
final class KernelSubject implements ScriptSubject {
    private static final long MILLIS = TimeUnit.MILLISECONDS.toNanos(1);

    /// How early or late a timer may be besides a share of what it was set to: some ticks of a slow clock.
    private static final long EARLY_NANOS = 6 * MILLIS;

    private static final long LATE_NANOS = 100 * MILLIS;
    private static final int LATE_SHARE = 6;

    /// For how long a segment that should be there is waited for, to tell one that is late from none.
    private static final long PATIENT_NANOS = 600 * MILLIS;

    /// Segments of one occasion are not farther apart.
    private static final long TOGETHER_NANOS = 3 * MILLIS;

    private static final long TIMESTAMP_TOLERANCE = 1000;

    private final KernelHost host;
    private final KernelCalls calls;
    private final KernelSettings settings;
    private final Recorder recorder;
    private final Exchange exchange;
    private final long patienceNanos;
    private final int iss;
    private final int port;
    private final int address;

    private int listener = -1;
    private int fd = -1;
    private boolean gone;
    private int error;
    private byte[] unsent = new byte[0];

    private boolean issKnown;
    private int seqOffset;
    private boolean clockKnown;
    private int clockOffset;

    private long nowNanos;
    private long latestNanos;
    private long grace;
    private long realSince;
    private long virtualSince;

    private int compared;

    /// @param patienceNanos how much time a script may take
    /// @throws NotPlayable if the script wants settings that Linux does not have
    KernelSubject(KernelHost host, Setting setting, long patienceNanos, AckMode mode) {
        this.host = host;
        this.patienceNanos = patienceNanos;
        calls = host.calls();
        settings = new KernelSettings(host, setting.config(), mode);
        recorder = setting.recorder();
        exchange = setting.exchange();
        iss = setting.iss();
        port = host.register(this::onSegment);
        address = KernelHost.peer(port, settings.needsQuickRoute());
        if (setting.memory().limit() != Long.MAX_VALUE) {
            throw new NotPlayable("sets a memory budget");
        }
        synchronize();
    }

    /// How often the script has compared something so far.
    int compared() {
        return compared;
    }

    @Override
    public long nowNanos() {
        return nowNanos;
    }

    @Override
    public void pass(long nanos) {
        if (nowNanos + nanos > patienceNanos) {
            throw new NotPlayable("waits " + text(nanos));
        }
        synchronize();
        long end = realSince + nanos;
        while (System.nanoTime() - end < 0) {
            host.await(end);
            acceptConnection();
        }
        nowNanos += nanos;
        grace = nanos == 0 ? 0 : LATE_NANOS + nanos / LATE_SHARE;
    }

    @Override
    public void settle() {
        grace = 0;
        acceptConnection();
        flush();
        if (fd >= 0) {
            settings.applyAckMode(fd);
        }
        host.drain();
        synchronize();
    }

    // ---- the network

    @Override
    public void arrive(TcpSegment segment) {
        synchronize();
        if (segment.has(TcpFlags.ACK)) {
            segment.ack(segment.ack() + seqOffset);
        }
        int[] edges = new int[2 * segment.sackCount()];
        for (int i = 0; i < segment.sackCount(); i++) {
            edges[2 * i] = segment.sackLeft(i) + seqOffset;
            edges[2 * i + 1] = segment.sackRight(i) + seqOffset;
        }
        segment.sack(edges);
        if (segment.hasTimestamps()) {
            segment.timestamps(segment.tsVal(), segment.tsEcr() + clockOffset);
        }
        host.arrive(segment, address, port);
    }

    @Override
    public void arrive(IcmpError error) {
        synchronize();
        ByteBuf quoted = Unpooled.buffer(error.length());
        quoted.writeInt(0x45000000 | error.length()).writeInt(0x4000);
        quoted.writeInt(64 << 24 | IpPacket.TCP << 16);
        quoted.writeInt(KernelHost.ADDRESS).writeInt(address);
        quoted.writeInt(port << 16 | port).writeInt(error.seq() + seqOffset);
        quoted.writeZero(Math.max(0, error.length() - quoted.writerIndex()));
        int router = (int) error.reporterLow();
        host.arrive(quoted, router, error.type(), error.code(), error.mtu());
    }

    @Override
    public @Nullable SentSegment next() {
        compared++;
        host.drain();
        Deque<SentSegment> segments = recorder.segments();
        if (segments.isEmpty() && grace > 0) {
            awaitLatecomers(PATIENT_NANOS);
        }
        SentSegment sent = segments.poll();
        if (sent != null) {
            latestNanos = sent.atNanos();
        }
        return sent;
    }

    @Override
    public @Nullable SentSegment surplus() {
        compared++;
        host.drain();
        SentSegment sent = recorder.segments().peek();
        if (sent == null || grace == 0) {
            return sent;
        }
        long limit = Math.max(nowNanos - EARLY_NANOS, latestNanos + TOGETHER_NANOS);
        return sent.atNanos() < limit ? sent : null;
    }

    @Override
    public void skip() {
        host.drain();
        Deque<SentSegment> segments = recorder.segments();
        SentSegment last = segments.peekLast();
        if (last == null || last.atNanos() < nowNanos - grace) {
            awaitLatecomers(grace);
        }
        segments.clear();
    }

    @Override
    public boolean matches(SentSegment sent, ScriptText wanted, long sinceNanos) {
        TcpSegment header = sent.header();
        TcpSegment segment = wanted.parsed().segment();
        boolean windowMatches =
                !wanted.parsed().window() || (header.window() == 0) == (segment.window() == 0);
        boolean timestampsMatch =
                wanted.timestamps() != ScriptText.Timestamps.GIVEN
                        || header.tsEcr() == segment.tsEcr()
                                && Math.abs(header.tsVal() - segment.tsVal()) < TIMESTAMP_TOLERANCE;
        return sent.means(wanted, TcpFlags.PSH)
                && windowMatches
                && timestampsMatch
                && inTime(wanted.afterNanos(), sent.atNanos() - sinceNanos);
    }

    // ---- the user

    @Override
    public void listen(boolean holdsSyn) {
        if (holdsSyn) {
            throw new NotPlayable("holds a SYN back");
        }
        listener = socket();
        check("listen", calls.listen(listener));
    }

    @Override
    public void open() {
        fd = socket();
        calls.connect(fd, address, port);
    }

    @Override
    public void accept() {
        throw new NotPlayable("accepts a SYN");
    }

    @Override
    public void reject() {
        throw new NotPlayable("rejects a SYN");
    }

    @Override
    public void send(ByteBuf data) {
        unsent = joined(unsent, data);
        flush();
    }

    @Override
    public void sendUrgent(ByteBuf data) {
        calls.send(fd, joined(unsent, data), KernelCalls.MSG_OOB);
        unsent = new byte[0];
    }

    @Override
    public ByteBuf receive(int octets) {
        byte[] data = fd < 0 ? null : calls.read(fd, octets);
        return data == null ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(data);
    }

    @Override
    public void shutdown() {
        calls.shutdown(fd, KernelCalls.SHUT_WR);
    }

    @Override
    public void shutdownInput() {
        calls.shutdown(fd, KernelCalls.SHUT_RD);
    }

    @Override
    public void close() {
        if (fd >= 0) {
            noteError();
            calls.close(fd);
            fd = -1;
            gone = true;
        }
    }

    @Override
    public void abort() {
        if (fd >= 0) {
            settings.resetOnClose(fd);
            close();
        }
    }

    @Override
    public void configure(Consumer<TcpConfig.Draft> change) {
        TcpConfig changed = settings.config().with(change);
        settings.change(fd, changed);
    }

    // ---- what is true now

    @Override
    public TcpState state() {
        compared++;
        host.drain();
        acceptConnection();
        TcpState state = host.state(port);
        if (state != null) {
            return state;
        }
        return listener >= 0 && fd < 0 && !gone ? TcpState.LISTEN : TcpState.CLOSED;
    }

    @Override
    public int readable() {
        compared++;
        return fd < 0 ? 0 : Math.max(0, calls.number(fd, KernelCalls.FIONREAD));
    }

    @Override
    public int unacknowledged() {
        compared++;
        return fd < 0 ? 0 : unsent.length + calls.number(fd, KernelCalls.SIOCOUTQ);
    }

    @Override
    public @Nullable CloseReason endedFor(CloseReason expected) {
        if (grace > 0 && state() != TcpState.CLOSED) {
            awaitEnd();
        }
        noteError();
        return switch (error) {
            case 0 -> expected == CloseReason.ABORTED || gone ? expected : CloseReason.NORMAL;
            case 104 -> CloseReason.RESET;
            case 110 -> timedOut(expected);
            case 111 -> fd >= 0 && !issKnown ? CloseReason.REFUSED : refused(expected);
            case 92, 101, 113 -> CloseReason.UNREACHABLE;
            case 32 -> expected;
            default -> throw new IllegalStateException("errno " + error);
        };
    }

    @Override
    public boolean isTransparent() {
        return false;
    }

    @Override
    public long nextDeadlineNanos() {
        return Long.MAX_VALUE;
    }

    @Override
    public Endpoint endpoint() {
        throw new NotPlayable("looks into the core");
    }

    @Override
    public void finish() {
        unsent = new byte[0];
        abort();
        if (listener >= 0) {
            calls.close(listener);
            listener = -1;
        }
        host.drain();
        recorder.segments().clear();
        host.unregister(port);
    }

    /// Linux does not tell a keep-alive that failed from any other timeout.
    private static CloseReason timedOut(CloseReason expected) {
        boolean keepAlive = expected == CloseReason.KEEP_ALIVE_TIMED_OUT;
        return keepAlive ? expected : CloseReason.TIMED_OUT;
    }

    /// Linux reports a port that is unreachable as it does a RST.
    private static CloseReason refused(CloseReason expected) {
        boolean unreachable = expected == CloseReason.UNREACHABLE;
        return unreachable ? expected : CloseReason.REFUSED;
    }

    private void onSegment(TcpSegment segment) {
        long real = System.nanoTime();
        recorder.now(virtualSince + Math.max(0, real - realSince));
        if (!issKnown && segment.has(TcpFlags.SYN)) {
            issKnown = true;
            seqOffset = segment.seq() - iss;
        }
        // A RST that answers a segment without ACK has the number 0, whatever the initial one is.
        if (segment.seq() != 0 || !segment.has(TcpFlags.RST)) {
            segment.seq(segment.seq() - seqOffset);
        }
        if (segment.hasTimestamps()) {
            if (!clockKnown) {
                clockKnown = true;
                clockOffset = segment.tsVal() - (int) (nowNanos / MILLIS);
            }
            segment.timestamps(segment.tsVal() - clockOffset, segment.tsEcr());
        }
        recorder.segment(segment);
        AssertionError violation = recorder.violation();
        if (violation != null) {
            throw violation;
        }
    }

    /// Time begins to count from here.
    private void synchronize() {
        realSince = System.nanoTime();
        virtualSince = nowNanos;
        recorder.now(nowNanos);
    }

    private void awaitLatecomers(long nanos) {
        long end = System.nanoTime() + nanos;
        while (recorder.segments().isEmpty() && System.nanoTime() - end < 0) {
            host.await(end);
        }
    }

    private void awaitEnd() {
        long end = System.nanoTime() + grace;
        while (state() != TcpState.CLOSED && System.nanoTime() - end < 0) {
            host.await(System.nanoTime() + MILLIS);
        }
    }

    private void acceptConnection() {
        if (listener >= 0 && fd < 0 && !gone) {
            int accepted = calls.accept(listener);
            if (accepted >= 0) {
                fd = accepted;
                settings.applyAckMode(fd);
            }
        }
    }

    private static byte[] joined(byte[] first, ByteBuf data) {
        byte[] all = Arrays.copyOf(first, first.length + data.readableBytes());
        data.readBytes(all, first.length, data.readableBytes()).release();
        return all;
    }

    private void flush() {
        while (unsent.length > 0 && fd >= 0) {
            int sent = calls.send(fd, unsent, 0);
            if (sent <= 0) {
                return;
            }
            unsent = Arrays.copyOfRange(unsent, sent, unsent.length);
        }
    }

    private int socket() {
        settings.applyToHost();
        int socket = check("socket", calls.socket(KernelHost.nonBlocking(KernelCalls.SOCK_STREAM)));
        settings.applyTo(socket);
        check("bind", calls.bind(socket, KernelHost.ADDRESS, port));
        return socket;
    }

    private void noteError() {
        if (fd >= 0 && error == 0) {
            error = settings.error(fd);
        }
    }

    private boolean inTime(long wantedNanos, long actualNanos) {
        return wantedNanos == ScriptText.NO_TIME
                || actualNanos >= wantedNanos - EARLY_NANOS && !isLate(wantedNanos, actualNanos);
    }

    /// Whether a segment came too late for a script, even for a slow clock.
    static boolean isLate(long wantedNanos, long actualNanos) {
        return actualNanos > wantedNanos + LATE_NANOS + wantedNanos / LATE_SHARE;
    }

    private int check(String call, int result) {
        if (result < 0) {
            throw exchange.failure(call + ": errno " + -result, exchange.size() - 1);
        }
        return result;
    }

    private static String text(long nanos) {
        return Exchange.seconds(nanos) + " s";
    }
}
