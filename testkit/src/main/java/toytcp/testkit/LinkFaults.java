package toytcp.testkit;

import java.time.Duration;

/// What a [FaultLink] does to packets; immutable.
///
/// All probabilities lie within 0 to 1 and are independent of each other.
///
/// @param delayNanos how long a packet travels
/// @param bitsPerSecond how fast packets leave the queue; 0 for at once
/// @param queueOctets how much the queue holds; what does not fit is dropped. Only if there is a rate
/// @param drop probability that a packet is lost
/// @param duplicate probability that a packet arrives twice
/// @param reorder probability that a packet is held back, so that later ones overtake it
/// @param reorderNanos the longest time for which a packet is held back
/// @param corrupt probability that one octet of a packet is changed
/// @param markAbove how full the queue is, in octets, when packets that are ECN-capable get a mark of
///     congestion (RFC 3168, 5). Only if there is a rate
/// @param mtu the largest packet that passes, in octets; 0 for any
/// @param tellsMtu whether the sender of a larger one is told so (RFC 1191, 4)
public record LinkFaults(
        long delayNanos,
        long bitsPerSecond,
        int queueOctets,
        double drop,
        double duplicate,
        double reorder,
        long reorderNanos,
        double corrupt,
        int markAbove,
        int mtu,
        boolean tellsMtu) {

    /// No faults, no delay, no limit: every packet arrives at the time at which it was sent.
    public static final LinkFaults NONE =
            new LinkFaults(0, 0, Integer.MAX_VALUE, 0, 0, 0, 0, 0, Integer.MAX_VALUE, 0, false);

    /// @throws IllegalArgumentException if a value is out of range
    public LinkFaults {
        probability("drop", drop);
        probability("duplicate", duplicate);
        probability("reorder", reorder);
        probability("corrupt", corrupt);
        if (mtu != 0 && mtu < 68) {
            throw new IllegalArgumentException("every link takes 68 octets, got an mtu of " + mtu);
        }
        if (delayNanos < 0 || reorderNanos < 0 || bitsPerSecond < 0) {
            throw new IllegalArgumentException("times and rates are not negative");
        }
        if (queueOctets < 1 || markAbove < 0) {
            throw new IllegalArgumentException(
                    "a queue has at least 1 octet, and its mark is not negative");
        }
    }

    /// With another delay.
    public LinkFaults delay(Duration time) {
        return new LinkFaults(
                time.toNanos(),
                bitsPerSecond,
                queueOctets,
                drop,
                duplicate,
                reorder,
                reorderNanos,
                corrupt,
                markAbove,
                mtu,
                tellsMtu);
    }

    /// With another rate, and a queue of `octets` in front of it.
    public LinkFaults rate(long bits, int octets) {
        return new LinkFaults(
                delayNanos,
                bits,
                octets,
                drop,
                duplicate,
                reorder,
                reorderNanos,
                corrupt,
                markAbove,
                mtu,
                tellsMtu);
    }

    /// With another loss.
    public LinkFaults drop(double probability) {
        return new LinkFaults(
                delayNanos,
                bitsPerSecond,
                queueOctets,
                probability,
                duplicate,
                reorder,
                reorderNanos,
                corrupt,
                markAbove,
                mtu,
                tellsMtu);
    }

    /// With another share of duplicates.
    public LinkFaults duplicate(double probability) {
        return new LinkFaults(
                delayNanos,
                bitsPerSecond,
                queueOctets,
                drop,
                probability,
                reorder,
                reorderNanos,
                corrupt,
                markAbove,
                mtu,
                tellsMtu);
    }

    /// With another share of packets that are held back for up to `time`.
    public LinkFaults reorder(double probability, Duration time) {
        return new LinkFaults(
                delayNanos,
                bitsPerSecond,
                queueOctets,
                drop,
                duplicate,
                probability,
                time.toNanos(),
                corrupt,
                markAbove,
                mtu,
                tellsMtu);
    }

    /// With another share of packets that arrive damaged.
    public LinkFaults corrupt(double probability) {
        return new LinkFaults(
                delayNanos,
                bitsPerSecond,
                queueOctets,
                drop,
                duplicate,
                reorder,
                reorderNanos,
                probability,
                markAbove,
                mtu,
                tellsMtu);
    }

    /// With marks while the queue holds more than `octets`.
    public LinkFaults markAbove(int octets) {
        return new LinkFaults(
                delayNanos,
                bitsPerSecond,
                queueOctets,
                drop,
                duplicate,
                reorder,
                reorderNanos,
                corrupt,
                octets,
                mtu,
                tellsMtu);
    }

    /// With another limit of the size of packets.
    ///
    /// @param octets the largest packet that passes: from 68; 0 for any
    /// @param tells whether the sender of a larger one gets an ICMP error; if not, this is a black hole
    public LinkFaults mtu(int octets, boolean tells) {
        return new LinkFaults(
                delayNanos,
                bitsPerSecond,
                queueOctets,
                drop,
                duplicate,
                reorder,
                reorderNanos,
                corrupt,
                markAbove,
                octets,
                tells);
    }

    private static void probability(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " must lie within 0 to 1, got " + value);
        }
    }
}
