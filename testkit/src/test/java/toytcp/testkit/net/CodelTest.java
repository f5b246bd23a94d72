package toytcp.testkit.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;

import java.util.ArrayList;
import java.util.List;

class CodelTest {
    private static final long MS = 1_000_000;

    private CodelQueue queue = new CodelQueue(5 * MS, 100 * MS, 1000, false);
    private final List<Long> drops = new ArrayList<>();
    private final List<Long> marks = new ArrayList<>();
    private long now;

    /// The first two octets of the packets: ECN-capable, or not.
    private int header = 0x4500;

    private void offer(int packets) {
        for (int i = 0; i < packets; i++) {
            ByteBuf packet = Unpooled.buffer(1000).writeZero(1000).setShort(0, header);
            assertNull(queue.offer(new Transit(packet), now));
        }
    }

    private Transit poll() {
        Transit packet =
                queue.poll(
                        now,
                        (dropped, why) -> {
                            drops.add(now / MS);
                            dropped.packet.release();
                        });
        if (packet != null) {
            if ((packet.packet.getByte(1) & 3) == 3) {
                marks.add(now / MS);
            }
            packet.packet.release();
        }
        return packet;
    }

    @AfterEach
    void release() {
        queue.clear("the test is over", (packet, why) -> packet.packet.release());
    }

    @Test
    @Rfc(number = 8289, section = "5.6")
    void aShortWaitDropsNothing() {
        for (int i = 0; i < 1000; i++, now += 4 * MS) {
            offer(1);
            now += 4 * MS;
            poll();
        }
        assertEquals(List.of(), drops);
        assertNull(poll());
    }

    /// A packet each millisecond, and 50 that wait: the first drop is 100 ms after the wait is too long, the
    /// second 100 ms later, and then intervals shrink by the square root.
    @Test
    @Rfc(number = 8289, section = "5.5")
    void aStandingQueueIsDroppedFromEverMoreOften() {
        offer(50);
        for (int i = 0; i < 500; i++, now += MS) {
            offer(1);
            poll();
        }
        // The wait is 5 ms from 5 ms on.
        assertEquals(List.of(105L, 205L, 276L, 334L, 384L, 429L, 469L), drops);
    }

    @Test
    void aMarkTakesThePlaceOfADrop() {
        queue = new CodelQueue(5 * MS, 100 * MS, 1000, true);
        header = 0x4502;
        offer(50);
        for (int i = 0; i < 300; i++, now += MS) {
            offer(1);
            poll();
        }
        assertEquals(List.of(105L, 205L, 276L), marks);
        assertEquals(List.of(), drops);
    }

    @Test
    @Rfc(number = 8289, section = "5.5")
    void anEmptyQueueEndsTheDropping() {
        offer(50);
        for (int i = 0; i < 150; i++, now += MS) {
            offer(1);
            poll();
        }
        assertEquals(1, drops.size());
        while (poll() != null) {
            now += MS / 100;
        }
        for (int i = 0; i < 150; i++, now += MS) {
            offer(1);
            poll();
        }
        assertEquals(1, drops.size());
    }

    @Test
    void itKeepsTheDelayOfABulkTransferShort() {
        double tail = longestWait(LinkQueue.packets(1000));
        double codel = longestWait(LinkQueue.codel());
        assertTrue(tail > 0.2, "drop-tail: " + tail);
        assertTrue(codel < 0.1, "CoDel: " + codel);
    }

    /// How many seconds a packet had to wait at most, from the fourth second of a transfer on.
    private static double longestWait(LinkQueue queue) {
        try (Network net = Network.create(1)) {
            Host client = net.host("client");
            Host server = net.host("server");
            Link link = net.link(client, server).rate("5mbit").delay(ofMillis(10)).queue(queue);
            Traffic traffic = new Traffic(net, server);
            traffic.send(client, server, 5_000_000);
            long most = 0;
            net.run(ofSeconds(3));
            for (int i = 0; i < 30; i++) {
                net.run(ofMillis(100));
                most = Math.max(most, link.from(client).queuedOctets());
            }
            assertTrue(traffic.received > 3_000_000, "received: " + traffic.received);
            return most * 8 / 5e6;
        }
    }
}
