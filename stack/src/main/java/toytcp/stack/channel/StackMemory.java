package toytcp.stack.channel;

import io.netty.util.internal.PlatformDependent;

import toytcp.stack.tcp.MemoryBudget;

/// How much memory a stack may use if nobody says.
final class StackMemory {
    /// Slices pin the blocks that they lie in, and pools keep blocks for later: both cost about as much
    /// again, and there is more in the process than this stack.
    private static final int SHARE = 4;

    private StackMemory() {}

    /// A part of the direct memory that the JVM may use: `-XX:MaxDirectMemorySize`, or as much as the heap.
    static long defaultLimit() {
        return Math.max(MemoryBudget.LEAST, PlatformDependent.maxDirectMemory() / SHARE);
    }
}
