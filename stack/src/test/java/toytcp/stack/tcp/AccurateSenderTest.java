package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import toytcp.codec.TcpSegment;

/// The examples of RFC 9768, appendix A, number by number.
class AccurateSenderTest {
    private static final int MSS = 1460;

    private static TcpSegment ack(int cep) {
        return new TcpSegment().ack(1).flag(EcnHandshake.flagsOf(cep));
    }

    /// A.1: "if s.ceb is 33,554,433 and ECEB is 1461".
    @Test
    void aCounterOfOctetsWraps() {
        AccurateSender sender = new AccurateSender();
        for (int ceb : new int[] {0xffffff, 0xfffffe, 0xfffffd, 4, 1}) {
            // Each adds 2^24 - 1, or what is missing to 2^25 + 1 and beyond.
            sender.read(ack(5).accEcn0(2, 1, ceb, 1), 0, MSS, false);
        }
        sender.read(ack(5).accEcn0(2, 1, 1461, 1), MSS, MSS, false);
        assertEquals(1460, sender.newOctets());
    }

    /// A.2.1, and the check that it asks for when more is marked than acknowledged.
    @ParameterizedTest
    @CsvSource({"9, 2, 2", "10, 2, 10", "8, 0, 8", "7, 0, 0", "7, 7, 7", "18, 2, 18", "1, 3, 3"})
    void theWorstCaseIsTaken(int acked, int least, int safer) {
        assertEquals(safer, AccurateSender.safer(acked, least));
    }

    /// A.2.2, with an MSS of 1460.
    @Test
    void theOctetsTellWhetherTheWorstCaseIsLikely() {
        assertFalse(AccurateSender.isSafeEnough(0, 8, 1460, MSS));
        assertTrue(AccurateSender.isSafeEnough(2, 10, 1460, MSS));
        assertTrue(AccurateSender.isSafeEnough(7, 15, 10_200, MSS));
        assertFalse(AccurateSender.isSafeEnough(8, 16, 11_680, MSS));
    }

    /// 3.2.3.3: fields that are left out are those "that have never changed".
    @Test
    void anOptionWithoutTheCounterOfMarksSaysThatThereAreNone() {
        AccurateSender sender = new AccurateSender();
        sender.read(ack(5).accEcn0(1, 14_601, 0, 0), 10 * MSS, MSS, false);
        assertEquals(0, sender.newPackets());
        AccurateSender without = new AccurateSender();
        without.read(ack(5), 10 * MSS, MSS, false);
        assertEquals(8, without.newPackets());
    }

    /// A.2.1: "only use dSafer.cep rather than d.cep if the moving average [...] was well below 8".
    @Test
    void whereAcksAreThinnedTheWorstCaseIsNotTaken() {
        AccurateSender sender = new AccurateSender();
        for (int i = 0; i < 10; i++) {
            sender.read(ack(5), 7 * MSS, MSS, false);
            assertEquals(0, sender.newPackets());
        }
        sender.read(ack(6), 17 * MSS, MSS, false);
        assertEquals(1, sender.newPackets());
        AccurateSender other = new AccurateSender();
        other.read(ack(6), 17 * MSS, MSS, false);
        assertEquals(17, other.newPackets());
    }
}
