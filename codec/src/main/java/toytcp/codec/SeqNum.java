package toytcp.codec;

/// Arithmetic on sequence numbers, modulo 2^32.
///
/// A sequence number is a plain `int`; every comparison of two of them goes through here, because
/// `<` is wrong as soon as the space wraps. The order is defined for numbers that lie less than
/// 2^31 apart (RFC 9293, 3.4).
public final class SeqNum {
    private SeqNum() {}

    /// Whether `a` comes before `b`.
    public static boolean lt(int a, int b) {
        return a - b < 0;
    }

    /// Whether `a` comes before `b` or is `b`.
    public static boolean leq(int a, int b) {
        return a - b <= 0;
    }

    /// Whether `a` comes after `b`.
    public static boolean gt(int a, int b) {
        return a - b > 0;
    }

    /// Whether `a` comes after `b` or is `b`.
    public static boolean geq(int a, int b) {
        return a - b >= 0;
    }

    /// The later of the two.
    public static int max(int a, int b) {
        return gt(a, b) ? a : b;
    }

    /// The earlier of the two.
    public static int min(int a, int b) {
        return lt(a, b) ? a : b;
    }

    /// Octets from `from` up to `to`; negative if `to` comes first.
    public static int distance(int from, int to) {
        return to - from;
    }

    /// Whether `seq` is one of the `size` numbers that begin with `start`; `size` from 0 to 2^31 - 1.
    public static boolean inWindow(int seq, int start, int size) {
        return Integer.compareUnsigned(seq - start, size) < 0;
    }
}
