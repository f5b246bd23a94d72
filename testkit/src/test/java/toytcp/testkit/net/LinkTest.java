package toytcp.testkit.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofNanos;
import static java.time.Duration.ofSeconds;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.codec.InternetChecksum;
import toytcp.testkit.PacketEdits;

import java.util.ArrayList;
import java.util.List;

/// Packets of a test on a link between two routers: what arrives is read from the log.
class LinkTest {
    /// Not TCP, so that the far end has nothing to say.
    private static final int PROTOCOL = 253;

    private Network net;
    private Router near;
    private Router far;
    private Link link;

    @BeforeEach
    void connect() {
        net = Network.create(11);
        near = net.router("near");
        far = net.router("far");
        link = net.link(near, far);
    }

    @AfterEach
    void close() {
        net.close();
    }

    private void send(int count, int octets) {
        for (int i = 0; i < count; i++) {
            near.forward(packet(i, octets));
        }
    }

    private ByteBuf packet(int number, int octets) {
        ByteBuf packet = Unpooled.buffer(octets).writeZero(octets);
        packet.setInt(0, 0x4500 << 16 | octets).setByte(9, PROTOCOL);
        packet.setInt(12, near.ipv4()).setInt(16, far.ipv4()).setInt(20, number);
        int sum = InternetChecksum.sum(packet, 0, 20);
        return packet.setShort(10, InternetChecksum.complement(sum));
    }

    private List<Capture.Event> events(Capture.Kind kind) {
        List<Capture.Event> found = new ArrayList<>();
        for (Capture.Event event : net.capture().events()) {
            if (event.kind() == kind) {
                found.add(event);
            }
        }
        return found;
    }

    private List<Long> arrivals() {
        net.run();
        return events(Capture.Kind.ARRIVED).stream().map(Capture.Event::atNanos).toList();
    }

    private List<Integer> numbers() {
        return events(Capture.Kind.ARRIVED).stream()
                .map(event -> Unpooled.wrappedBuffer(event.octets()).getInt(20))
                .toList();
    }

    @Test
    void anIdleLinkTakesAMillisecond() {
        send(2, 100);
        assertEquals(List.of(1_000_000L, 1_000_000L), arrivals());
    }

    @Test
    void packetsLeaveAtTheRate() {
        link.rate("8mbit").delay(ofMillis(5));
        send(3, 1000);
        assertEquals(2, link.from(near).queuedPackets());
        assertEquals(2000, link.from(near).queuedOctets());
        assertEquals(3, link.packets());
        assertEquals(List.of(6_000_000L, 7_000_000L, 8_000_000L), arrivals());
        assertEquals(0, link.packets());
    }

    @Test
    void eachDirectionCanBeSetAlone() {
        link.from(far).delay(ofMillis(30));
        send(1, 100);
        assertEquals(List.of(1_000_000L), arrivals());
        assertThrows(IllegalArgumentException.class, () -> link.from(net.host("other")));
    }

    @Test
    void aRateThatIsLiftedSendsWhatWaits() {
        link.rate("8kbit");
        send(3, 1000);
        net.at(ofMillis(500)).run(() -> link.rate(0));
        assertEquals(List.of(1_001_000_000L, 1_001_000_000L, 1_001_000_000L), arrivals());
    }

    @ParameterizedTest
    @CsvSource({"10mbit, 10000000", "1.5gbit, 1500000000", "64 kbit, 64000", "9600bit, 9600"})
    void ratesAreWrittenAsInLinux(String text, long bits) {
        assertEquals(bits, Rate.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "fast", "-1mbit", "10mbyte", "0bit", "0.1bit"})
    void otherRatesAreRefused(String text) {
        var error = assertThrows(IllegalArgumentException.class, () -> link.rate(text));
        assertTrue(error.getMessage().contains("such as 10mbit"));
    }

    @Test
    void probabilitiesAndTimesAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> link.loss(1.1));
        assertThrows(IllegalArgumentException.class, () -> link.corrupt(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> link.delay(ofMillis(-1)));
        assertThrows(IllegalArgumentException.class, () -> link.mtu(67));
        assertThrows(IllegalArgumentException.class, () -> link.burstLoss(0.1, 0));
        assertThrows(IllegalArgumentException.class, () -> LinkQueue.packets(0));
        assertThrows(
                IllegalArgumentException.class, () -> LinkQueue.codel(ofMillis(5), ofMillis(5)));
    }

    @Test
    void whatDoesNotFitIntoTheQueueIsLost() {
        link.rate("8mbit").queue(LinkQueue.packets(3));
        send(10, 1000);
        // One is being sent, three wait.
        assertEquals(4, arrivals().size());
        assertEquals(List.of(0, 1, 2, 3), numbers());
        assertEquals(6, net.log().split("lost: the queue is full", -1).length - 1);
    }

    @Test
    void aQueueOfOctetsTakesASmallPacketWhereALargeOneHasNoRoom() {
        link.rate("8mbit").queue(LinkQueue.octets(1500));
        send(3, 1000);
        send(1, 400);
        assertEquals(3, arrivals().size());
    }

    @Test
    void anotherQueueTakesOverWhatWaits() {
        link.rate("8mbit");
        send(6, 1000);
        link.queue(LinkQueue.packets(2));
        assertEquals(3, arrivals().size());
        assertEquals(3, events(Capture.Kind.DROPPED).size());
    }

    @Test
    void jitterMakesPacketsLateButKeepsTheirOrder() {
        link.delay(ofMillis(10)).jitter(ofMillis(10));
        for (int i = 0; i < 100; i++) {
            net.at(ofMillis(i)).run(() -> send(1, 100));
        }
        List<Long> arrivals = arrivals();
        assertEquals(100, arrivals.size());
        assertTrue(arrivals.getLast() > ofMillis(109).toNanos());
        assertTrue(arrivals.getLast() < ofMillis(119).toNanos());
        assertEquals(arrivals.stream().sorted().toList(), arrivals);
    }

    @Test
    void someOvertakeOthersOnlyWithReordering() {
        link.reorder(0.2, ofMillis(5));
        for (int i = 0; i < 200; i++) {
            int number = i;
            net.at(ofMillis(i)).run(() -> near.forward(packet(number, 100)));
        }
        net.run();
        List<Integer> numbers = numbers();
        assertEquals(200, numbers.size());
        assertFalse(numbers.equals(numbers.stream().sorted().toList()));
        int late = net.log().split("\\(late\\)", -1).length - 1;
        assertTrue(late > 20 && late < 60, "late: " + late);
    }

    @Test
    void lossIsAsOftenAsItIsSaid() {
        link.loss(0.1);
        send(5000, 40);
        int arrived = arrivals().size();
        assertTrue(arrived > 4400 && arrived < 4600, "arrived: " + arrived);
    }

    @Test
    void burstsAreAsLongAndAsOftenAsTheyAreSaid() {
        link.burstLoss(0.01, 0.2);
        send(20_000, 40);
        net.run();
        int bursts = 0;
        int lost = 0;
        boolean before = false;
        for (Capture.Event event : events(Capture.Kind.SENT)) {
            boolean now = event.text() != null;
            lost += now ? 1 : 0;
            bursts += now && !before ? 1 : 0;
            before = now;
        }
        // 5 packets long on average, and 100 between them.
        double length = (double) lost / bursts;
        assertTrue(length > 4 && length < 6, "length: " + length);
        assertTrue(lost > 700 && lost < 1250, "lost: " + lost);
    }

    @Test
    void duplicatesArriveTwiceAndDamagedOnesChanged() {
        link.duplicate(1).corrupt(1);
        send(50, 40);
        assertEquals(100, arrivals().size());
        byte[] sent = events(Capture.Kind.SENT).getFirst().octets();
        byte[] arrived = events(Capture.Kind.ARRIVED).getFirst().octets();
        int changed = 0;
        for (int i = 0; i < sent.length; i++) {
            changed += sent[i] == arrived[i] ? 0 : 1;
        }
        assertEquals(1, changed);
        assertTrue(net.log().contains("(damaged twice)"));
    }

    @Test
    void oneFaultDoesNotChangeWhereAnotherOneHits() {
        link.loss(0.1);
        send(1000, 40);
        List<Integer> alone = fates(net);
        close();
        connect();
        link.loss(0.1).duplicate(0.3).reorder(0.2, ofSeconds(1)).jitter(ofMillis(3));
        send(1000, 40);
        assertEquals(alone, fates(net));
    }

    private List<Integer> fates(Network net) {
        net.run();
        List<Integer> lost = new ArrayList<>();
        int number = 0;
        for (Capture.Event event : events(Capture.Kind.SENT)) {
            if ("lost".equals(event.text())) {
                lost.add(number);
            }
            number++;
        }
        return lost;
    }

    @Test
    void aCutLosesWhatWaitsAndKeepsWhatTravels() {
        link.rate("8mbit").delay(ofMillis(100));
        send(10, 1000);
        net.at(ofNanos(2_500_000)).down(link);
        net.at(ofMillis(4)).run(() -> send(1, 1000));
        assertEquals(List.of(101_000_000L, 102_000_000L, 103_000_000L), arrivals());
        assertEquals(7, events(Capture.Kind.DROPPED).size());
        assertTrue(net.log().contains("(lost: the link is down)"));
    }

    @Test
    void ecnMarksWhatIsCapable() {
        link.rate("8mbit").queue(LinkQueue.packets(10).ecn());
        for (int i = 0; i < 9; i++) {
            ByteBuf packet = packet(i, 1000);
            PacketEdits.setHeaderWord(packet, 0, packet.getUnsignedShort(0) | 2);
            near.forward(packet);
        }
        net.run();
        long marked =
                events(Capture.Kind.ARRIVED).stream()
                        .filter(event -> (event.octets()[1] & 3) == 3)
                        .count();
        assertEquals(2, marked);
    }
}
