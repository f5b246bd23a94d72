package toytcp.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

import org.jspecify.annotations.Nullable;

import toytcp.codec.DropReason;
import toytcp.codec.IcmpError;
import toytcp.codec.IpAddresses;
import toytcp.codec.SegmentFormat;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.MemoryBudget;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.TcpConnection;
import toytcp.stack.tcp.TcpState;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/// A test of one [TcpConnection]: one exchange is one line. No channel, no thread, no real time.
///
/// ```java
/// var tcp = TcpScript.established(config -> config.maximumSegmentSize = 1000);
/// tcp.write(4000);
/// tcp.out(". 1:1001 ack 1", ". 1001:2001 ack 1", ". 2001:3001 ack 1", "P. 3001:4001 ack 1");
/// tcp.in(". ack 1", ". ack 1").silent();
/// tcp.in(". ack 1").out(". 1:1001 ack 1");
/// tcp.in(". ack 4001").silent();
/// tcp.after(Duration.ofMinutes(2)).silent().noTimers();
/// ```
///
/// A segment is written as `[[ECN]] FLAGS [SEQ:END] [ack N] [win N] [urg N] [<OPTIONS>]`, see
/// [toytcp.codec.SegmentFormat]; all sequence numbers count from the initial ones, so the first octet
/// of a stream is 1. What is sent is real text, see [OctetPattern], and is checked in both directions.
///
/// **In:** what the text leaves out comes from the peer's view: the sequence number that it sends
/// next, the last acknowledgement and window that it sent (65535 at first), and, if both sides
/// offered timestamps, the clock of the peer in milliseconds and the last TSval that it saw. `<noTS>`
/// leaves them out.
///
/// **Out:** what the text leaves out may be anything, except that a segment without `SEQ:END` has no
/// payload. Timestamps count only if the text mentions them: `TS val 1 ecr 0`, `TS` (there, with any
/// values) or `noTS`. `<>` demands that there are no other options. A time in front demands that the
/// segment left so long after the latest [#after] began: `out("+200ms . 1:1001 ack 1")`.
///
/// A failure is an [AssertionError] with the whole exchange as text. Besides what the script asks,
/// each step checks that events are reported by flush only, that nothing follows the last one, and
/// that something is left that will wake a connection that waits.
///
/// [#finish] a script, or call [#finishAll()] after each test: that aborts the connection and checks
/// that all of its buffers are released. One thread only.
public final class TcpScript {
    private static final ThreadLocal<List<TcpScript>> OPEN =
            ThreadLocal.withInitial(ArrayList::new);

    /// What scripts of this thread are played to.
    private static final ThreadLocal<ScriptSubject.Factory> SUBJECTS =
            ThreadLocal.withInitial(() -> CoreSubject::new);

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final Exchange exchange = new Exchange();
    private final SentOctets sentOctets = new SentOctets();
    private final ScriptPeer peer;
    private final Recorder recorder;
    private final ScriptSubject subject;
    private final int iss;
    private final int irs;

    private long sinceNanos;
    private int readTotal;

    TcpScript(TcpConfig config, MemoryBudget memory, int iss, int irs) {
        this.iss = iss;
        this.irs = irs;
        peer = new ScriptPeer(irs, iss, allocator);
        recorder = new Recorder(exchange, peer, sentOctets, iss, irs);
        var setting = new ScriptSubject.Setting(config, memory, iss, allocator, exchange, recorder);
        subject = SUBJECTS.get().subject(setting);
        OPEN.get().add(this);
    }

    /// A beginning with other settings than [TcpConfig#DEFAULT], and with more to choose from.
    public static ScriptSetup with(Consumer<TcpConfig.Draft> change) {
        return new ScriptSetup(change);
    }

    /// In ESTABLISHED by active open; the peer has no option but the maximum segment size.
    public static TcpScript established() {
        return established(_ -> {});
    }

    /// [#established()] with other settings.
    public static TcpScript established(Consumer<TcpConfig.Draft> change) {
        return with(change).established();
    }

    /// In ESTABLISHED by passive open.
    public static TcpScript establishedPassive() {
        return with(_ -> {}).establishedPassive();
    }

    /// In CLOSED.
    public static TcpScript closed() {
        return with(_ -> {}).closed();
    }

    /// In LISTEN.
    public static TcpScript listening() {
        return with(_ -> {}).listening();
    }

    /// Finishes all scripts that this thread began: for the end of each test.
    public static void finishAll() {
        List<TcpScript> open = OPEN.get();
        List<TcpScript> scripts = List.copyOf(open);
        open.clear();
        scripts.forEach(TcpScript::finish);
    }

    /// From here on the scripts of this thread are played to subjects of this factory.
    static void playTo(ScriptSubject.Factory subjects) {
        SUBJECTS.set(subjects);
    }

    // ---- the peer and the clock

    /// These segments arrive, each in an event-loop turn of its own.
    public TcpScript in(String... segments) {
        for (String segment : segments) {
            arrive(segment);
            settle();
        }
        return this;
    }

    /// These segments arrive in one event-loop turn.
    public TcpScript batch(String... segments) {
        for (String segment : segments) {
            arrive(segment);
        }
        return settle();
    }

    /// An ICMP error arrives from a router, 192.0.2.1.
    ///
    /// @param type [IcmpError#UNREACHABLE] or one of its siblings
    /// @param code what it is in particular
    /// @param seq of the segment that it quotes, counted as everywhere here
    public TcpScript icmp(int type, int code, int seq) {
        return icmp(type, code, 0, seq, 40);
    }

    /// A router, 192.0.2.1, says that a segment was too large.
    ///
    /// @param seq of the segment that it quotes, counted as everywhere here
    /// @param mtu the largest packet that would have passed; 0 if it does not say
    /// @param length octets of the quoted packet
    public TcpScript tooBig(int seq, int mtu, int length) {
        int code = IcmpError.FRAGMENTATION_NEEDED;
        return icmp(IcmpError.UNREACHABLE, code, mtu, seq, length);
    }

    private TcpScript icmp(int type, int code, int mtu, int seq, int length) {
        long low = IpAddresses.v4Low(0xc0000201);
        IcmpError error =
                new IcmpError(type, code, mtu, 0, low, 0, low, 1, 0, low, 1, iss + seq, length, 20);
        exchange.add(nowNanos(), '<', error + " (of " + seq + ")");
        subject.arrive(error);
        return settle();
    }

    /// Time passes; every deadline on the way is met exactly, the one at the very end too.
    public TcpScript after(Duration time) {
        sinceNanos = nowNanos();
        subject.pass(time.toNanos());
        return this;
    }

    /// [#after] in milliseconds.
    public TcpScript afterMillis(long millis) {
        return after(Duration.ofMillis(millis));
    }

    /// Exactly these segments were sent since the last call of this kind, and nothing more.
    public TcpScript out(String... segments) {
        for (String segment : segments) {
            SentSegment sent = subject.next();
            if (sent == null) {
                throw exchange.failure("a segment is missing", segment, "nothing", last());
            }
            if (!subject.matches(sent, ScriptText.parse(segment, iss, irs), sinceNanos)) {
                throw exchange.failure(
                        "another segment was sent", segment, actual(sent), sent.line());
            }
        }
        return silent();
    }

    /// No segment was sent, or none but those that [#out] has taken.
    public TcpScript silent() {
        SentSegment sent = subject.surplus();
        if (sent != null) {
            throw exchange.failure("a segment too many", "nothing", actual(sent), sent.line());
        }
        return this;
    }

    /// Forgets the segments that were sent, whatever they are.
    public TcpScript skip() {
        subject.skip();
        return this;
    }

    // ---- the user

    /// An active open.
    public TcpScript open() {
        return user("open()", subject::open);
    }

    /// Answers a SYN that [ScriptSetup#holdSyn] holds.
    public TcpScript accept() {
        return user("accept()", subject::accept);
    }

    /// Refuses a SYN that [ScriptSetup#holdSyn] holds.
    public TcpScript reject() {
        return user("reject()", subject::reject);
    }

    /// Sends the next `octets` octets of the stream.
    public TcpScript write(int octets) {
        ByteBuf data = sentOctets.next(allocator, octets);
        return user("write(" + octets + ")", () -> subject.send(data));
    }

    /// Sends these octets.
    public TcpScript write(byte... octets) {
        ByteBuf data = sentOctets.next(allocator, octets);
        return user("write(" + octets.length + ")", () -> subject.send(data));
    }

    /// Sends the next `octets` octets of the stream, of which the last one ends the urgent data.
    public TcpScript writeUrgent(int octets) {
        ByteBuf data = sentOctets.next(allocator, octets);
        return user("writeUrgent(" + octets + ")", () -> subject.sendUrgent(data));
    }

    /// Reads at most `octets` octets and checks them; no error if there are fewer.
    public TcpScript read(int octets) {
        return user("read(" + octets + ")", () -> consume(octets));
    }

    /// Reads all that is there and checks it.
    public TcpScript readAll() {
        return user("readAll()", () -> consume(Integer.MAX_VALUE));
    }

    /// Half-close: no more writing.
    public TcpScript shutdown() {
        return user("shutdown()", subject::shutdown);
    }

    /// No more reading.
    public TcpScript shutdownInput() {
        return user("shutdownInput()", subject::shutdownInput);
    }

    /// Full close: neither writing nor reading from here on.
    public TcpScript close() {
        return user("close()", subject::close);
    }

    /// Aborts the connection.
    public TcpScript abort() {
        return user("abort()", subject::abort);
    }

    /// Changes settings of the running connection.
    public TcpScript configure(Consumer<TcpConfig.Draft> change) {
        return user("configure()", () -> subject.configure(change));
    }

    // ---- what must be true now

    /// The connection is in this state.
    public TcpScript state(TcpState expected) {
        return demand("the state", expected.rfcName(), subject.state().rfcName());
    }

    /// The user has read this many octets in all.
    public TcpScript received(int octets) {
        return demand("octets read so far", octets, readTotal);
    }

    /// This many octets can be read.
    public TcpScript readable(int octets) {
        return demand("octets to read", octets, subject.readable());
    }

    /// This many octets were written and are not acknowledged.
    public TcpScript unacknowledged(int octets) {
        return demand("octets unacknowledged", octets, subject.unacknowledged());
    }

    /// Exactly these events were reported since the last call of this kind.
    public TcpScript event(TcpEvent... expected) {
        return demandAll("events", Arrays.asList(expected), recorder.events());
    }

    /// Exactly these drops were reported since the last call of this kind.
    public TcpScript dropped(DropReason... expected) {
        return demandAll("drops", Arrays.asList(expected), recorder.drops());
    }

    /// The connection has ended for this reason: the state is CLOSED and no timer runs.
    public TcpScript closed(CloseReason expected) {
        demand("the reason of the end", expected, String.valueOf(subject.endedFor(expected)));
        return state(TcpState.CLOSED).noTimers();
    }

    /// No timer runs.
    public TcpScript noTimers() {
        long deadline = subject.nextDeadlineNanos();
        boolean none = deadline == Long.MAX_VALUE;
        return demand(
                "timers", "none", none ? "none" : "one in " + (deadline - nowNanos()) + " ns");
    }

    /// Nothing was sent and no timer runs.
    public TcpScript idle() {
        return silent().noTimers();
    }

    // ---- for what has no word of its own

    /// The connection, for its getters.
    public TcpConnection connection() {
        return endpoint().connection();
    }

    /// Virtual time in nanoseconds; 0 when the script began.
    public long nowNanos() {
        return subject.nowNanos();
    }

    /// The exchange so far, one line each.
    @Override
    public String toString() {
        return exchange.toString();
    }

    /// The end of the script: aborts the connection and checks that it has released every buffer.
    public void finish() {
        OPEN.get().remove(this);
        subject.finish();
        long held = allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
        if (held != 0) {
            throw exchange.failure("buffers of " + held + " octets were never released", last());
        }
    }

    ScriptSubject subject() {
        return subject;
    }

    /// For checks that know the core.
    Endpoint endpoint() {
        return subject.endpoint();
    }

    Recorder recorder() {
        return recorder;
    }

    /// What the handshake reported is not what the test asks about.
    TcpScript begin() {
        recorder.events().clear();
        sinceNanos = nowNanos();
        return state(TcpState.ESTABLISHED);
    }

    private void arrive(String text) {
        TcpSegment segment = peer.segment(text, nowNanos());
        exchange.add(nowNanos(), '<', SegmentFormat.format(segment, irs, iss));
        subject.arrive(segment);
    }

    private TcpScript user(String call, Runnable action) {
        exchange.add(nowNanos(), ' ', call);
        action.run();
        return settle();
    }

    private void consume(int octets) {
        int left = octets;
        while (left > 0) {
            ByteBuf data = subject.receive(left);
            int length = data.readableBytes();
            int wrong = OctetPattern.mismatch(data, readTotal);
            data.release();
            if (wrong >= 0) {
                throw exchange.failure(
                        "octet " + (readTotal + wrong) + " is not what the peer sent", last());
            }
            if (length == 0) {
                return;
            }
            readTotal += length;
            left -= length;
        }
    }

    private TcpScript settle() {
        subject.settle();
        return this;
    }

    private String actual(SentSegment sent) {
        String time = Exchange.seconds(sent.atNanos() - sinceNanos);
        return sent.text() + " (" + time + " s after the latest after() began)";
    }

    private TcpScript demand(String what, @Nullable Object expected, Object actual) {
        String wanted = String.valueOf(expected);
        if (!wanted.equals(String.valueOf(actual))) {
            throw exchange.failure(what, wanted, String.valueOf(actual), last());
        }
        return this;
    }

    private TcpScript demandAll(String what, List<?> expected, Deque<?> actual) {
        List<Object> copy = List.copyOf(actual);
        actual.clear();
        return subject.isTransparent() ? demand(what, expected, copy) : this;
    }

    private int last() {
        return exchange.size() - 1;
    }
}
