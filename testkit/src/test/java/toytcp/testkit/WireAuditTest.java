package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.netty.buffer.UnpooledByteBufAllocator;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import toytcp.codec.SegmentFormat;
import toytcp.codec.TcpSegment;

class WireAuditTest {
    private final WireAudit audit = new WireAudit();

    @BeforeEach
    void handshake() {
        fine("S 0:0 win 1000 <wscale 4>");
        receive("S. 0:0 ack 1 win 500 <wscale 0>");
        fine(". 1:1 ack 1 win 100");
    }

    @Test
    void anOrderlyExchangeIsFine() {
        fine("P. 1:401 ack 1 win 100");
        receive("P. 1:101 ack 401 win 500");
        fine("P. 401:501 ack 101 win 94");
        fine("P. 401:501 ack 101 win 94");
        fine("FP. 501:901 ack 101 win 94");
        fine("R 5000:5000 win 0");
    }

    @Test
    void aGapIsFound() {
        wrong("a gap: all before was sent up to 9 octets earlier", ". 10:20 ack 1 win 100");
    }

    @Test
    void dataBeyondTheWindowIsFoundButAProbeIsFine() {
        fine(". 1:501 ack 1 win 100");
        fine(". 501:502 ack 1 win 100");
        wrong("2 octets beyond the peer's window", ". 501:503 ack 1 win 100");
    }

    @Test
    void anAcknowledgementThatGoesBackIsFound() {
        receive("P. 1:101 ack 1 win 500");
        fine(". 1:1 ack 101 win 100");
        wrong("the acknowledgement goes back by 100", ". 1:1 ack 1 win 107");
    }

    @Test
    void anAcknowledgementOfNothingIsFound() {
        wrong("acknowledges what was never received", ". 1:1 ack 2 win 100");
    }

    @Test
    void aWindowThatShrinksIsFoundButRoundingIsFine() {
        receive("P. 1:11 ack 1 win 500");
        fine(". 1:1 ack 11 win 99");
        wrong("the window shrinks by 22", ". 1:1 ack 11 win 98");
    }

    @Test
    void aSegmentWithoutAckIsFound() {
        wrong("a segment without ACK", "P 1:2 win 100");
    }

    private void fine(String text) {
        TcpSegment segment = segment(text);
        assertNull(audit.sent(segment), text);
        segment.release();
    }

    private void wrong(String expected, String text) {
        TcpSegment segment = segment(text);
        assertEquals(expected, audit.sent(segment));
        segment.release();
    }

    private void receive(String text) {
        TcpSegment segment = segment(text);
        audit.received(segment);
        segment.release();
    }

    private static TcpSegment segment(String text) {
        SegmentFormat.Parsed parsed = SegmentFormat.parse(text, 0, 0);
        return parsed.segment()
                .payload(
                        OctetPattern.buffer(
                                UnpooledByteBufAllocator.DEFAULT, 0, parsed.payloadLength()));
    }
}
