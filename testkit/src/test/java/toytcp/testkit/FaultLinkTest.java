package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

class FaultLinkTest {
    private static final int PACKETS = 2000;

    private final VirtualClock clock = new VirtualClock();
    private final List<Integer> arrived = new ArrayList<>();
    private final List<Long> times = new ArrayList<>();

    @Test
    void withoutFaultsEveryPacketArrivesAtOnceAndInOrder() {
        assertEquals(numbers(), send(LinkFaults.NONE, 1));
        assertEquals(0, clock.nanoTime());
    }

    @Test
    void aPacketTravelsForTheDelay() {
        send(LinkFaults.NONE.delay(Duration.ofMillis(3)), 1);
        assertEquals(Collections.nCopies(PACKETS, 3_000_000L), times);
    }

    @Test
    void theRateSpacesPacketsAndTheQueueDropsWhatDoesNotFit() {
        // 4 octets at 32000 bit/s take a millisecond, and there is room for ten packets.
        send(LinkFaults.NONE.rate(32_000, 40), 1);
        assertEquals(numbers().subList(0, 10), arrived);
        assertEquals(1_000_000L, times.getFirst());
        assertEquals(10_000_000L, times.getLast());
    }

    @Test
    void ecnCapablePacketsAreMarkedWhileTheQueueIsLong() {
        // 20 octets at 160000 bit/s take a millisecond; beyond 40 octets is where marks begin.
        LinkFaults faults = LinkFaults.NONE.rate(160_000, 1000).markAbove(40);
        List<String> headers = new ArrayList<>();
        FaultLink link =
                new FaultLink(
                        clock,
                        faults,
                        1,
                        packet -> {
                            headers.add(ByteBufUtil.hexDump(packet));
                            packet.release();
                        });
        // ECT(0), ECT(1), Not-ECT and CE, with the checksums that RFC 791 wants.
        String ect0 = "4502001400004000400625e10a0000010a000101";
        String ect1 = "4501001400004000400625e20a0000010a000101";
        String notEct = "4500001400004000400625e30a0000010a000101";
        String marked = "4503001400004000400625e00a0000010a000101";
        for (String header : List.of(ect0, ect0, ect0, ect0, ect1, notEct, marked)) {
            link.send(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(header)));
        }
        assertEquals(140, link.queuedOctets());
        clock.runUntil(1_000_000_000);
        assertEquals(List.of(ect0, ect0, ect0, marked, marked, notEct, marked), headers);
        assertEquals(3, link.marked());
    }

    @Test
    void aShareOfThePacketsIsLost() {
        int lost = PACKETS - send(LinkFaults.NONE.drop(0.1), 1).size();
        assertTrue(lost > 150 && lost < 250, "lost " + lost);
        assertTrue(isSorted(arrived));
    }

    @Test
    void aShareOfThePacketsArrivesTwice() {
        int more = send(LinkFaults.NONE.duplicate(0.1), 1).size() - PACKETS;
        assertTrue(more > 150 && more < 250, "twice " + more);
    }

    @Test
    void packetsThatAreHeldBackAreOvertaken() {
        LinkFaults faults = LinkFaults.NONE.reorder(0.1, Duration.ofMillis(5));
        assertEquals(PACKETS, send(faults, 1).size());
        assertTrue(!isSorted(arrived));
        arrived.sort(null);
        assertEquals(numbers(), arrived);
    }

    @Test
    void aDamagedPacketDiffersInExactlyOneOctet() {
        send(LinkFaults.NONE.corrupt(1), 1);
        for (int i = 0; i < PACKETS; i++) {
            int change = arrived.get(i) ^ i;
            int octets = 0;
            for (int shift = 0; shift < 32; shift += 8) {
                octets += (change >>> shift & 0xff) == 0 ? 0 : 1;
            }
            assertEquals(1, octets);
        }
    }

    @Test
    void theSeedAloneDecides() {
        LinkFaults faults = LinkFaults.NONE.drop(0.1).duplicate(0.1).corrupt(0.1);
        List<Integer> first = List.copyOf(send(faults, 7));
        assertEquals(first, send(faults, 7));
        assertNotEquals(first, send(faults, 8));
    }

    @Test
    void oneFaultDoesNotMoveAnother() {
        List<Integer> lossy = List.copyOf(send(LinkFaults.NONE.drop(0.1), 7));
        List<Integer> both = send(LinkFaults.NONE.drop(0.1).corrupt(0.1), 7);
        assertEquals(lossy.size(), both.size());
    }

    @Test
    void whatWasSentIsInFlightUntilItArrives() {
        var link = new FaultLink(clock, LinkFaults.NONE.delay(Duration.ofMillis(1)), 1, this::take);
        link.send(packet(1));
        link.send(packet(2));
        assertEquals(2, link.inFlight());
        clock.runUntil(1_000_000);
        assertEquals(0, link.inFlight());
    }

    @Test
    void probabilitiesOutOfRangeAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> LinkFaults.NONE.drop(1.1));
        assertThrows(IllegalArgumentException.class, () -> LinkFaults.NONE.corrupt(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> LinkFaults.NONE.rate(-1, 10));
        assertThrows(IllegalArgumentException.class, () -> LinkFaults.NONE.rate(1, 0));
        assertThrows(
                IllegalArgumentException.class, () -> LinkFaults.NONE.delay(Duration.ofMillis(-1)));
    }

    private List<Integer> send(LinkFaults faults, long seed) {
        arrived.clear();
        times.clear();
        var link = new FaultLink(clock, faults, seed, this::take);
        for (int i = 0; i < PACKETS; i++) {
            link.send(packet(i));
        }
        while (clock.runNext()) {
            // until all have arrived
        }
        return arrived;
    }

    private void take(ByteBuf packet) {
        arrived.add(packet.readInt());
        times.add(clock.nanoTime());
        packet.release();
    }

    private static ByteBuf packet(int number) {
        return Unpooled.buffer(4).writeInt(number);
    }

    private static List<Integer> numbers() {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < PACKETS; i++) {
            numbers.add(i);
        }
        return numbers;
    }

    private static boolean isSorted(List<Integer> numbers) {
        for (int i = 1; i < numbers.size(); i++) {
            if (numbers.get(i) < numbers.get(i - 1)) {
                return false;
            }
        }
        return true;
    }
}
