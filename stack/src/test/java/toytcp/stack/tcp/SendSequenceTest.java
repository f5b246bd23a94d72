package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The send window moves right, wherever in the sequence space it lies.
class SendSequenceTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 5000, -1, -500, Integer.MAX_VALUE - 500})
    void theCursorTakesSndNxtAlongOnlyForNewOctets(int iss) {
        SendSequence snd = new SendSequence(iss);
        assertEquals(0, snd.flightSize());
        snd.advance(iss + 1000);
        assertEquals(1000, snd.flightSize());
        snd.cursor = snd.una;
        snd.advance(iss + 400);
        assertEquals(iss + 400, snd.cursor);
        assertEquals(iss + 1000, snd.nxt);
        snd.advance(iss + 1400);
        assertEquals(iss + 1400, snd.nxt);
        assertEquals(1400, snd.flightSize());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5000, -1, -500, Integer.MAX_VALUE - 500})
    void anAcknowledgementBeyondTheCursorMovesIt(int iss) {
        SendSequence snd = new SendSequence(iss);
        snd.advance(iss + 1000);
        snd.cursor = snd.una;
        snd.acknowledge(iss + 600);
        assertEquals(iss + 600, snd.cursor);
        assertEquals(400, snd.flightSize());
        snd.advance(iss + 900);
        snd.acknowledge(iss + 700);
        assertEquals(iss + 900, snd.cursor);
        assertEquals(300, snd.flightSize());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, -500, Integer.MAX_VALUE - 500})
    void theUsableWindowIsNegativeAfterThePeerShrankIt(int iss) {
        SendSequence snd = new SendSequence(iss);
        snd.updateWindow(1000, 7, iss);
        assertEquals(1000, snd.usableWindow());
        snd.advance(iss + 600);
        assertEquals(400, snd.usableWindow());
        snd.updateWindow(500, 8, iss);
        assertEquals(-100, snd.usableWindow());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void theLargestWindowIsRemembered(int iss) {
        SendSequence snd = new SendSequence(iss);
        snd.updateWindow(1000, 7, iss);
        snd.updateWindow(500, 8, iss + 1);
        assertEquals(500, snd.wnd);
        assertEquals(1000, snd.maxWnd);
        assertEquals(8, snd.wl1);
        assertEquals(iss + 1, snd.wl2);
    }

    /// An old SND.UP that stood still would lie ahead again once half of the sequence space has passed.
    @Test
    void anUrgentPointerOfLongAgoStaysInThePast() {
        var snd = new SendSequence(0);
        snd.up = 6;
        assertTrue(snd.isUrgent());
        for (int i = 0; i < 8; i++) {
            snd.acknowledge(6 + i * (1 << 29));
            assertFalse(snd.isUrgent(), "after " + i + " * 2^29 octets");
        }
    }

    /// However many octets were sent: the distance from the initial sequence number must not matter.
    @ParameterizedTest
    @ValueSource(
            ints = {1, 1000, Integer.MAX_VALUE - 1000, Integer.MAX_VALUE, Integer.MIN_VALUE, -1000})
    void aSegmentWithoutTextLiesWithinTheWindow(int sent) {
        SendSequence snd = new SendSequence(7000);
        snd.advance(7000 + sent);
        snd.acknowledge(7000 + sent);
        snd.wnd = 1 << 20;
        assertEquals(snd.nxt, snd.edge());
        snd.advance(7000 + sent + 500);
        snd.wnd = 300;
        assertEquals(snd.una + 300, snd.edge());
        snd.wnd = 0;
        assertEquals(snd.una, snd.edge());
    }

    @Test
    void ourSynNeedsNoWindow() {
        SendSequence snd = new SendSequence(7000);
        snd.advance(7001);
        assertEquals(7001, snd.edge());
    }
}
