package toytcp.codec;

/// CONTRACT STUB.
public final class Ipv4Codec {
    private Ipv4Codec() {}
}
