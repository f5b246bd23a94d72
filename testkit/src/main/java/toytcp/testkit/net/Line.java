package toytcp.testkit.net;

import io.netty.buffer.ByteBuf;

import toytcp.testkit.PacketEdits;

import java.util.SplittableRandom;

/// One direction of a link: a queue, a rate, a delay, and what goes wrong.
///
/// Each packet takes the same number of draws, whatever the settings are. So a change of one of them does not
/// change what happens otherwise.
final class Line {
    private static final long NANOS_A_SECOND = 1_000_000_000;

    /// 0 for no limit.
    long bitsPerSecond;

    /// A link without any: then a network with an endless exchange never gets on in time.
    long delayNanos = 1_000_000;

    long jitterNanos;
    double loss;
    double duplicate;
    double reorder;
    long reorderNanos;
    double corrupt;
    int mtu = 1500;

    /// Whether packets that are too large vanish without a word.
    boolean silent;

    /// Of a Gilbert-Elliott channel: whether it is in its bad state, and how it changes.
    double burstBegins;

    double burstEnds = 1;
    double lossInBurst;
    double lossOutside;

    private final Network network;
    private final SplittableRandom random;
    private LinkEnd from;
    private PacketQueue queue = LinkQueue.packets(1000).create();
    private boolean sending;
    private boolean bursting;
    private boolean down;
    private long lastArrivalNanos;
    private int inFlight;

    Line(Network network, long seed) {
        this.network = network;
        random = new SplittableRandom(seed);
    }

    void from(LinkEnd end) {
        from = end;
    }

    /// Takes a packet, which the line owns from here on.
    void send(ByteBuf packet) {
        boolean unlucky = random.nextDouble() < loss;
        boolean burst = isLostInBurst();
        boolean twice = random.nextDouble() < duplicate;
        boolean late = random.nextDouble() < reorder;
        boolean corrupted = random.nextDouble() < corrupt;
        double where = random.nextDouble();
        double holdBack = random.nextDouble();
        double jitter = random.nextDouble();

        if (down) {
            lose(packet, "lost: the link is down");
        } else if (packet.readableBytes() > mtu) {
            refuse(packet);
        } else {
            Transit transit = new Transit(packet);
            transit.lost = unlucky || burst;
            transit.twice = twice;
            transit.late = late;
            transit.extraNanos = (long) (jitterNanos * jitter);
            if (late) {
                transit.extraNanos += (long) (reorderNanos * holdBack);
            }
            transit.damagedAt = corrupted ? where : -1;
            take(transit);
        }
    }

    /// Packets that wait, and octets in them.
    int waiting() {
        return queue.size();
    }

    int waitingOctets() {
        return queue.octets();
    }

    /// Packets that left the queue and have not arrived.
    int inFlight() {
        return inFlight + (sending ? 1 : 0);
    }

    void queue(LinkQueue plan) {
        PacketQueue other = plan.create();
        for (Transit packet; (packet = queue.takeFirst()) != null; ) {
            String refused = other.offer(packet, network.nowNanos());
            if (refused != null) {
                drop(packet, refused);
            }
        }
        queue = other;
    }

    /// What waits is lost, what is on its way arrives.
    void down(boolean down) {
        this.down = down;
        if (down) {
            queue.clear("lost: the link went down", this::drop);
        }
    }

    void release() {
        queue.clear("lost: the network was closed", this::drop);
    }

    /// The channel of Gilbert and Elliott: first whether the state changes, then whether the packet is lost.
    private boolean isLostInBurst() {
        double change = random.nextDouble();
        double lost = random.nextDouble();
        bursting = bursting ? change >= burstEnds : change < burstBegins;
        return lost < (bursting ? lossInBurst : lossOutside);
    }

    private void refuse(ByteBuf packet) {
        network.capture()
                .sent(from, packet, silent ? "lost: too large" : "lost: too large, told so");
        if (!silent) {
            from.node.tellTooLarge(packet, mtu);
        }
        packet.release();
    }

    private void lose(ByteBuf packet, String fate) {
        network.capture().sent(from, packet, fate);
        packet.release();
    }

    private void take(Transit transit) {
        boolean queued = bitsPerSecond > 0 || sending;
        String refused = queued ? queue.offer(transit, network.nowNanos()) : null;
        if (refused != null) {
            lose(transit.packet, refused);
            return;
        }
        network.capture().sent(from, transit.packet, transit.fate());
        if (!queued) {
            leave(transit);
        } else if (!sending) {
            sendNext();
        }
    }

    private void drop(Transit transit, String why) {
        network.capture().dropped(from, transit.packet, why);
        transit.packet.release();
    }

    private void sendNext() {
        Transit next = queue.poll(network.nowNanos(), this::drop);
        if (next == null) {
            return;
        }
        sending = true;
        // The rate may have been lifted while packets waited.
        long nanos = bitsPerSecond == 0 ? 0 : next.octets * 8L * NANOS_A_SECOND / bitsPerSecond;
        network.clock()
                .after(
                        nanos,
                        () -> {
                            sending = false;
                            leave(next);
                            sendNext();
                        });
    }

    private void leave(Transit transit) {
        if (transit.lost) {
            transit.packet.release();
            return;
        }
        long at = network.nowNanos() + delayNanos + transit.extraNanos;
        if (!transit.late) {
            // Jitter does not reorder, nor does a delay that was made shorter.
            at = Math.max(at, lastArrivalNanos);
            lastArrivalNanos = at;
        }
        ByteBuf packet = transit.packet;
        if (transit.damagedAt >= 0) {
            packet = PacketEdits.damaged(packet, transit.damagedAt);
        }
        if (transit.twice) {
            arrive(packet.copy(), at);
        }
        arrive(packet, at);
    }

    private void arrive(ByteBuf packet, long atNanos) {
        inFlight++;
        network.clock().at(atNanos, () -> arrive(packet));
    }

    private void arrive(ByteBuf packet) {
        inFlight--;
        if (network.isClosed()) {
            packet.release();
            return;
        }
        LinkEnd to = from.link.endAt(from.peer);
        network.capture().arrived(to, packet);
        to.node.receive(packet);
    }
}
