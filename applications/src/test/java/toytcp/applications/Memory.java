package toytcp.applications;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;

import java.lang.management.ManagementFactory;

/// How much memory is in use, for tests that want the same work to need no more the next time.
///
/// @param heap octets of live objects
/// @param direct octets that the allocator holds outside of the heap
record Memory(long heap, long direct) {
    /// What a repetition may add: tables that grow a last time, classes that are loaded.
    private static final long HEAP_MARGIN = 512 << 10;

    /// The allocator takes memory in chunks of 8 MiB, and where one ends is a matter of luck.
    private static final long DIRECT_MARGIN = 9 << 20;

    static Memory used(ByteBufAllocator allocator) {
        long direct = ((ByteBufAllocatorMetricProvider) allocator).metric().usedDirectMemory();
        long heap = Long.MAX_VALUE;
        // The first collection only finds what references and cleaners hold back from the next.
        for (int i = 0; i < 3; i++) {
            System.gc();
            long now = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            heap = Math.min(heap, now);
        }
        return new Memory(heap, direct);
    }

    void assertNotMuchMoreThan(Memory before) {
        assertTrue(heap - before.heap < HEAP_MARGIN, () -> "heap: " + before + ", then " + this);
        assertTrue(
                direct - before.direct < DIRECT_MARGIN,
                () -> "direct: " + before + ", then " + this);
    }
}
