package toytcp.testkit.net;

import java.time.Duration;
import java.util.function.Consumer;

/// What a link is like: for both directions of a [Link], or for one [LinkDirection] of it.
///
/// Everything can be set at any time, also while packets are under way: it holds for those that are sent from then
/// on. A new link has no limit of its rate, a delay of 1 ms, an MTU of 1500, and no faults. Probabilities lie within
/// 0 to 1; faults are independent of each other.
///
/// @param <S> what the methods return
public abstract sealed class LinkSettings<S extends LinkSettings<S>> permits Link, LinkDirection {
    LinkSettings() {}

    /// How fast packets leave the queue: `10mbit`, `1.5gbit`, `64kbit` or `9600bit` a second.
    ///
    /// @throws IllegalArgumentException if it is nothing like that
    public final S rate(String rate) {
        return rate(Rate.parse(rate));
    }

    /// How fast packets leave the queue.
    ///
    /// @param bitsPerSecond from 1; or 0 for no limit, and then there is no queue
    public final S rate(long bitsPerSecond) {
        if (bitsPerSecond < 0) {
            throw new IllegalArgumentException(
                    "a rate is not negative, got " + bitsPerSecond + " bit/s");
        }
        return change(line -> line.bitsPerSecond = bitsPerSecond);
    }

    /// How long a packet travels, from the moment when it has left the queue.
    public final S delay(Duration time) {
        long nanos = nanos("delay", time);
        return change(line -> line.delayNanos = nanos);
    }

    /// How much longer a packet may travel: from nothing to `time`, all values alike. Packets do not overtake
    /// each other by that; see [#reorder].
    public final S jitter(Duration time) {
        long nanos = nanos("jitter", time);
        return change(line -> line.jitterNanos = nanos);
    }

    /// What waits in front of a line with a rate; 1000 packets without this call, as on Linux. Packets that wait
    /// move to the new queue.
    public final S queue(LinkQueue queue) {
        return change(line -> line.queue(queue));
    }

    /// How many packets are lost, each by its own bad luck.
    public final S loss(double probability) {
        check("loss", probability);
        return change(line -> line.loss = probability);
    }

    /// Loss in bursts, in which every packet is lost: the channel of Gilbert.
    ///
    /// @param begins probability that a burst begins with a packet
    /// @param ends probability that it is over with a packet: bursts are `1 / ends` packets long on average
    public final S burstLoss(double begins, double ends) {
        return burstLoss(begins, ends, 1, 0);
    }

    /// Loss in bursts: the channel of Gilbert and Elliott. Before each packet the channel may change from its good
    /// state to its bad one, or back.
    ///
    /// @param begins probability that it goes bad, with each packet
    /// @param ends probability that it gets well, with each packet
    /// @param lossInside probability that a packet is lost in the bad state
    /// @param lossOutside probability that a packet is lost in the good state
    public final S burstLoss(double begins, double ends, double lossInside, double lossOutside) {
        check("begins", begins);
        check("ends", ends);
        check("lossInside", lossInside);
        check("lossOutside", lossOutside);
        if (begins > 0 && ends == 0) {
            throw new IllegalArgumentException(
                    "a burst with ends = 0 would never end: use net.at(..).down(link) to cut a"
                            + " link");
        }
        return change(
                line -> {
                    line.burstBegins = begins;
                    line.burstEnds = ends;
                    line.lossInBurst = lossInside;
                    line.lossOutside = lossOutside;
                });
    }

    /// How many packets are held back for up to `time`, so that later ones overtake them.
    public final S reorder(double probability, Duration time) {
        check("reorder", probability);
        long nanos = nanos("reorder", time);
        return change(
                line -> {
                    line.reorder = probability;
                    line.reorderNanos = nanos;
                });
    }

    /// How many packets arrive twice.
    public final S duplicate(double probability) {
        check("duplicate", probability);
        return change(line -> line.duplicate = probability);
    }

    /// How many packets arrive with one octet changed.
    public final S corrupt(double probability) {
        check("corrupt", probability);
        return change(line -> line.corrupt = probability);
    }

    /// The largest packet that passes; who sends a larger one is told so (RFC 1191, 4).
    ///
    /// @param octets 68 to 65535, IP header included
    public final S mtu(int octets) {
        return mtu(octets, false);
    }

    /// The largest packet that passes; larger ones vanish without a word, as behind a bad firewall.
    ///
    /// @param octets 68 to 65535, IP header included
    public final S silentMtu(int octets) {
        return mtu(octets, true);
    }

    private S mtu(int octets, boolean silent) {
        if (octets < 68 || octets > 65535) {
            throw new IllegalArgumentException(
                    "an mtu lies within 68 to 65535 octets, got " + octets);
        }
        return change(
                line -> {
                    line.mtu = octets;
                    line.silent = silent;
                });
    }

    abstract S change(Consumer<Line> change);

    private static void check(String name, double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException(
                    name + " is a probability within 0 to 1, got " + probability);
        }
    }

    private static long nanos(String name, Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException(name + " is not negative, got " + time);
        }
        return time.toNanos();
    }
}
