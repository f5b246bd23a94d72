package toytcp.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

import toytcp.codec.IcmpCodec;
import toytcp.codec.IcmpError;

import java.util.SplittableRandom;
import java.util.function.Consumer;

/// One direction of a bad line: takes packets, and delivers them late, twice, damaged or never.
///
/// Which packet has which fate depends on the seed and on its number alone: not on its size, and
/// not on the other faults. So a run with less of one fault stays comparable with a run with more.
public final class FaultLink {
    private static final long NANOS_A_SECOND = 1_000_000_000;

    /// Of the network for documentation (RFC 5737): 192.0.2.1.
    private static final int ROUTER = 0xc0000201;

    private final VirtualClock clock;
    private final LinkFaults faults;
    private final SplittableRandom random;
    private final Consumer<ByteBuf> receiver;
    private final Consumer<ByteBuf> sender;

    private long freeAtNanos;
    private int queuedOctets;
    private int inFlight;
    private long marked;
    private String lastFate = "";

    /// @param clock when packets are delivered
    /// @param faults what happens to them
    /// @param seed decides to which of them
    /// @param receiver gets each packet in the end, and owns it
    public FaultLink(VirtualClock clock, LinkFaults faults, long seed, Consumer<ByteBuf> receiver) {
        this(clock, faults, seed, receiver, ByteBuf::release);
    }

    /// @param clock when packets are delivered
    /// @param faults what happens to them
    /// @param seed decides to which of them
    /// @param receiver gets each packet in the end, and owns it
    /// @param sender gets the errors about packets that are too large, and owns them
    public FaultLink(
            VirtualClock clock,
            LinkFaults faults,
            long seed,
            Consumer<ByteBuf> receiver,
            Consumer<ByteBuf> sender) {
        this.clock = clock;
        this.faults = faults;
        this.receiver = receiver;
        this.sender = sender;
        random = new SplittableRandom(seed);
    }

    /// Sends a packet, which the link owns from here on.
    public void send(ByteBuf packet) {
        // Always the same number of draws, whatever the faults are.
        boolean drop = random.nextDouble() < faults.drop();
        boolean duplicate = random.nextDouble() < faults.duplicate();
        boolean reorder = random.nextDouble() < faults.reorder();
        boolean corrupt = random.nextDouble() < faults.corrupt();
        double where = random.nextDouble();
        double holdBack = random.nextDouble();

        int octets = packet.readableBytes();
        if (faults.mtu() > 0 && octets > faults.mtu()) {
            refuse(packet);
            return;
        }
        if (drop || isFull(octets)) {
            lastFate = drop ? "lost" : "lost: the queue is full";
            packet.release();
            return;
        }
        lastFate = fate(duplicate, reorder, corrupt);
        if (faults.bitsPerSecond() > 0
                && queuedOctets > faults.markAbove()
                && PacketEdits.mark(packet)) {
            marked++;
            lastFate = (lastFate + " marked").strip();
        }
        long departsAt = depart(octets);
        ByteBuf sent = corrupt ? PacketEdits.damaged(packet, where) : packet;
        long extra = reorder ? (long) (faults.reorderNanos() * holdBack) : 0;
        if (duplicate) {
            deliver(sent.copy(), departsAt + faults.delayNanos());
        }
        deliver(sent, departsAt + faults.delayNanos() + extra);
    }

    /// Packets that got a mark of congestion.
    public long marked() {
        return marked;
    }

    /// Octets that wait to leave.
    public int queuedOctets() {
        return queuedOctets;
    }

    /// Packets that were sent and are not yet delivered.
    public int inFlight() {
        return inFlight;
    }

    /// What happens to the packet that was sent last, for a log: `lost`, `damaged`, `twice`, `late`,
    /// `marked`, or nothing.
    public String lastFate() {
        return lastFate;
    }

    /// The hop that it does not fit through lies at the far end.
    private void refuse(ByteBuf packet) {
        lastFate = "too large";
        if (faults.tellsMtu()) {
            lastFate = "too large, and told so";
            ByteBuf error =
                    IcmpCodec.error(
                            UnpooledByteBufAllocator.DEFAULT,
                            packet,
                            ROUTER,
                            IcmpError.UNREACHABLE,
                            IcmpError.FRAGMENTATION_NEEDED,
                            faults.mtu());
            clock.after(2 * faults.delayNanos(), () -> sender.accept(error));
        }
        packet.release();
    }

    private boolean isFull(int octets) {
        return faults.bitsPerSecond() > 0 && queuedOctets + octets > faults.queueOctets();
    }

    private long depart(int octets) {
        if (faults.bitsPerSecond() == 0) {
            return clock.nanoTime();
        }
        long begins = Math.max(freeAtNanos, clock.nanoTime());
        freeAtNanos = begins + octets * 8L * NANOS_A_SECOND / faults.bitsPerSecond();
        queuedOctets += octets;
        clock.at(freeAtNanos, () -> queuedOctets -= octets);
        return freeAtNanos;
    }

    private void deliver(ByteBuf packet, long atNanos) {
        inFlight++;
        clock.at(
                atNanos,
                () -> {
                    inFlight--;
                    receiver.accept(packet);
                });
    }

    private static String fate(boolean duplicate, boolean reorder, boolean corrupt) {
        StringBuilder fate = new StringBuilder();
        fate.append(corrupt ? " damaged" : "");
        fate.append(duplicate ? " twice" : "");
        fate.append(reorder ? " late" : "");
        return fate.toString().strip();
    }
}
