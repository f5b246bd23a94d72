package toytcp.stack.tcp;

/// SipHash-2-4, a keyed pseudo-random function for short inputs (Aumasson and Bernstein, 2012), over
/// inputs that are whole 64-bit words.
final class SipHash {
    private final long key0;
    private final long key1;

    SipHash(long key0, long key1) {
        this.key0 = key0;
        this.key1 = key1;
    }

    long hash(long... words) {
        long v0 = key0 ^ 0x736f6d6570736575L;
        long v1 = key1 ^ 0x646f72616e646f6dL;
        long v2 = key0 ^ 0x6c7967656e657261L;
        long v3 = key1 ^ 0x7465646279746573L;
        int rounds = 2;
        for (int i = 0; i <= words.length + 1; i++) {
            boolean finishing = i > words.length;
            long m = 0;
            if (i < words.length) {
                m = words[i];
            } else if (!finishing) {
                // The last block carries the length in octets, modulo 256, in its top octet.
                m = (long) words.length * Long.BYTES << 56;
            }
            if (finishing) {
                v2 ^= 0xff;
                rounds = 4;
            }
            v3 ^= m;
            for (int round = 0; round < rounds; round++) {
                v0 += v1;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v3;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 += v3;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 += v1;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= m;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
}
