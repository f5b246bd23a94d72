package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;

/// LISTEN and CLOSED (RFC 9293, 3.10.7.1 and 3.10.7.2).
class ListenTest {
    @Test
    void aSegmentWithAckIsResetAtTheSequenceNumberItAcknowledges() {
        TcpSegment reset = Listen.resetFor(new TcpSegment().seq(100).ack(-7));
        assertEquals(TcpFlags.RST, reset.flags());
        assertEquals(-7, reset.seq());
    }

    @Test
    void aSegmentWithoutAckIsResetAtZeroAndAcknowledged() {
        ByteBuf data = Unpooled.wrappedBuffer(new byte[10]);
        TcpSegment segment = new TcpSegment().seq(100).flag(TcpFlags.SYN | TcpFlags.FIN);
        TcpSegment reset = Listen.resetFor(segment.payload(data));
        assertEquals(TcpFlags.RST | TcpFlags.ACK, reset.flags());
        assertEquals(0, reset.seq());
        assertEquals(112, reset.ack());
    }

    @Test
    void aResetIsNotAnswered() {
        assertNull(Listen.resetFor(new TcpSegment().flag(TcpFlags.RST)));
        assertNull(Listen.resetFor(new TcpSegment().ack(5).flag(TcpFlags.RST)));
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                TcpFlags.SYN,
                TcpFlags.SYN | TcpFlags.PSH,
                TcpFlags.SYN | TcpFlags.URG,
                TcpFlags.SYN | TcpFlags.PSH | TcpFlags.URG
            })
    void aSynOpensPassively(int flags) {
        assertNotNull(listen(flags));
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0,
                TcpFlags.ACK,
                TcpFlags.RST,
                TcpFlags.FIN,
                TcpFlags.PSH,
                TcpFlags.SYN | TcpFlags.ACK,
                TcpFlags.SYN | TcpFlags.RST,
                TcpFlags.SYN | TcpFlags.FIN
            })
    void nothingElseDoes(int flags) {
        assertNull(listen(flags));
    }

    private static HalfOpenConnection listen(int flags) {
        return Listen.onSegment(new TcpSegment().flag(flags), TcpConfig.DEFAULT, 1, 2);
    }
}
