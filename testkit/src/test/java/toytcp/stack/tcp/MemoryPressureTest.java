package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import toytcp.codec.DropReason;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// One connection among others that use up the memory of the stack; here 300,000 octets.
class MemoryPressureTest {
    private static final int PRESSURE = 200_000;
    private static final int ALL = 300_000;

    private final MemoryBudget budget = new MemoryBudget(ALL);

    private TcpScript established() {
        return TcpScript.with(config -> config.maximumSegmentSize = 1000)
                .memory(budget)
                .established();
    }

    @Test
    void theAccountFollowsWhatTheConnectionHolds() {
        var tcp = established().in("P. 1:1001 ack 1", "P. 2001:2501 ack 1").write(300).skip();
        assertEquals(1800, budget.used());
        tcp.in(". ack 301");
        assertEquals(1500, budget.used());
        tcp.read(400);
        assertEquals(1100, budget.used());
        tcp.in("P. 1001:2001 ack 301").readAll().received(2500);
        assertEquals(0, budget.used());
        assertEquals(2100, budget.peak());
    }

    @Test
    void whatIsUnreadWhenTheConnectionEndsCountsUntilItIsRead() {
        var tcp = established().in("P. 1:1001 ack 1").write(5000).skip().in("R. 1001:1001 ack 1");
        assertEquals(1000, budget.used());
        tcp.read(600);
        assertEquals(400, budget.used());
        tcp.abort();
        assertEquals(0, budget.used());
    }

    @Test
    void underPressureTheWindowIsNoLargerThanAFewSegments() {
        budget.add(PRESSURE);
        var tcp = established();
        // What was offered stays.
        for (int i = 0; i < 62; i++) {
            int n = 1 + 1000 * i;
            tcp.batch("P. " + n + ":" + (n + 1000) + " ack 1").readAll().afterMillis(40).skip();
        }
        tcp.in("P. 62001:62002 ack 1").readAll().afterMillis(40);
        tcp.out(". 1:1 ack 62002 win 3534").in("P. 62002:62502 ack 1").readAll().afterMillis(40);
        tcp.out(". 1:1 ack 62502 win 4096");
        budget.add(-PRESSURE / 2);
        tcp.in("P. 62502:62503 ack 1").afterMillis(40).out(". 1:1 ack 62503 win 65535");
    }

    @Test
    void atTheLimitTheMinimumIsStillTaken() {
        var tcp = established();
        budget.add(ALL);
        tcp.in("P. 1:3001 ack 1").out(". 1:1 ack 3001 win 1096").dropped();
        tcp.in("P. 3001:5001 ack 1").dropped(DropReason.MEMORY_LIMIT).readable(4096);
        tcp.out(". 1:1 ack 4097 win 0");
        tcp.in("P. 4097:5097 ack 1").dropped(DropReason.MEMORY_LIMIT).readable(4096);
        tcp.out(". 1:1 ack 4097 win 0");
        assertEquals(ALL + 4096, budget.used());
        // Room for less than a segment is not worth telling.
        tcp.read(999).silent().read(1).out(". 1:1 ack 4097 win 1000");
        tcp.in("P. 4097:6097 ack 1").dropped(DropReason.MEMORY_LIMIT).readable(4096);
        tcp.out(". 1:1 ack 5097 win 0");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6.2.2", id = "MUST-39")
    void aClosedWindowReopensWhenTheUserReads() {
        var tcp = established();
        budget.add(ALL);
        tcp.in("P. 1:5001 ack 1").out(". 1:1 ack 4097 win 0").dropped(DropReason.MEMORY_LIMIT);
        tcp.read(4096).out(". 1:1 ack 4097 win 4096").received(4096);
        tcp.in("P. 4097:5097 ack 1").dropped().readAll().received(5096);
    }

    @Test
    void aClosedWindowReopensForAProbeWhenOthersMadeRoom() {
        var tcp = established();
        budget.add(ALL);
        tcp.in("P. 1:5001 ack 1").out(". 1:1 ack 4097 win 0").dropped(DropReason.MEMORY_LIMIT);
        budget.add(-ALL);
        tcp.in("P. 4097:4098 ack 1").dropped().afterMillis(40).out(". 1:1 ack 4098 win 61438");
    }

    @Test
    @Rfc(number = 2018, section = "8", id = "8-3")
    void whatWaitsBehindAGapYieldsToWhatFillsIt() {
        var tcp =
                TcpScript.with(config -> config.maximumSegmentSize = 1000)
                        .peerOptions("mss 1000,sackOK")
                        .memory(budget)
                        .established();
        tcp.in("P. 1001:5001 ack 1").out(". 1:1 ack 1 <sack 1001:5001>");
        budget.add(ALL);
        tcp.in("P. 1:1001 ack 1").dropped(DropReason.MEMORY_RECLAIMED);
        tcp.out(". 1:1 ack 1001 <>").readable(1000);
        tcp.in("P. 1001:2001 ack 1").dropped().readAll().received(2000);
    }

    @Test
    @Rfc(number = 2018, section = "8", id = "8-2")
    void atTheLimitNothingIsKeptBehindGapsBeyondTheMinimum() {
        var tcp = established();
        budget.add(ALL);
        tcp.in("P. 1001:5001 ack 1").dropped().in("P. 5001:6001 ack 1");
        tcp.dropped(DropReason.MEMORY_LIMIT).skip();
        assertEquals(ALL + 4096, budget.used());
    }

    @Test
    void underPressureOnlySomeSegmentsAreKeptBehindGaps() {
        var tcp = established();
        budget.add(PRESSURE);
        tcp.in("P. 1001:4001 ack 1").dropped().in("P. 4001:6001 ack 1");
        tcp.dropped(DropReason.MEMORY_LIMIT).skip();
        assertEquals(PRESSURE + 4096, budget.used());
    }

    @Test
    void whatNobodyReadsNeedsNoMemory() {
        var tcp = established().shutdownInput();
        budget.add(ALL);
        tcp.in("P. 1:20001 ack 1").out(". 1:1 ack 20001").dropped();
        assertEquals(ALL, budget.used());
    }

    @Test
    void atTheLimitTheUserMaySendTheMinimumOnly() {
        var tcp = established();
        assertEquals(20_000, tcp.connection().sendBufferFree());
        budget.add(ALL - 6000);
        assertEquals(6000, tcp.connection().sendBufferFree());
        budget.add(6000);
        assertEquals(4096, tcp.connection().sendBufferFree());
        tcp.write(4000).skip();
        assertEquals(96, tcp.connection().sendBufferFree());
        tcp.write(96).skip();
        assertEquals(0, tcp.connection().sendBufferFree());
        tcp.in(". ack 1001");
        assertEquals(1000, tcp.connection().sendBufferFree());
    }

    @Test
    void theSendBufferIsTwiceTheCongestionWindow() {
        var tcp = TcpScript.closed();
        assertEquals(16_384, tcp.connection().sendBufferFree());
        tcp = established();
        assertEquals(20_000, tcp.connection().sendBufferFree());
        tcp.write(10_000).skip().in(". ack 4001");
        assertEquals(14_000, tcp.connection().congestionWindow());
        assertEquals(28_000 - 6000, tcp.connection().sendBufferFree());
        tcp.afterMillis(250).skip();
        assertEquals(1000, tcp.connection().congestionWindow());
        assertEquals(28_000 - 6000, tcp.connection().sendBufferFree(), "it never shrinks");
    }

    @Test
    void underPressureTheSendBufferDoesNotGrow() {
        var tcp = established();
        budget.add(PRESSURE);
        tcp.write(10_000).skip().in(". ack 4001");
        assertEquals(20_000 - 6000, tcp.connection().sendBufferFree());
        budget.add(-PRESSURE);
        tcp.in(". ack 5001");
        assertEquals(28_000 - 5000, tcp.connection().sendBufferFree());
    }

    @Test
    void aSizeThatTheUserSetIsTakenAsItIs() {
        var tcp =
                TcpScript.established(
                        config -> {
                            config.tuneSendBuffer = false;
                            config.sendBuffer = 100_000;
                        });
        assertEquals(100_000, tcp.connection().sendBufferFree());
    }
}
