package toytcp.bench;

import java.lang.management.ManagementFactory;

/// What a sender takes from the heap. The segments that arrive are not new: this is what the connection makes of them.
///
/// @param acks inputs after which nothing left
/// @param perAck octets for each of them
/// @param perSegment octets for each segment that left because of the others
record Allocation(long acks, double perAck, double perSegment) {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    /// Replays the measured part of a trace.
    static Allocation of(Trace trace) {
        Replay replay = new Replay(trace).warmUp();
        long acks = 0;
        long forAcks = 0;
        long segments = 0;
        long forSegments = 0;
        while (replay.left() > 0) {
            long sent = replay.sent();
            long before = THREADS.getCurrentThreadAllocatedBytes();
            replay.step();
            long octets = THREADS.getCurrentThreadAllocatedBytes() - before;
            if (replay.sent() == sent) {
                acks++;
                forAcks += octets;
            } else {
                segments += replay.sent() - sent;
                forSegments += octets;
            }
        }
        replay.end();
        return new Allocation(acks, share(forAcks, acks), share(forSegments, segments));
    }

    private static double share(long octets, long count) {
        return count == 0 ? 0 : (double) octets / count;
    }
}
