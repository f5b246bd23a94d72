package toytcp.stack.tcp;

/// Where secrets and jitter come from: a secure generator in production, a seeded one in tests.
@FunctionalInterface
public interface EntropySource {
    /// 64 fresh bits.
    long nextLong();
}
