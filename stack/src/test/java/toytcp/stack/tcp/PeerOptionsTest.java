package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.testkit.Rfc;

/// What a SYN says, and what ours says back.
class PeerOptionsTest {
    @Test
    void everyFieldOfASynIsTaken() {
        TcpSegment syn = syn(5).mss(1400).windowScale(9).sackPermitted(true).timestamps(77, 0);
        assertEquals(
                new PeerOptions(5, 4000, 1400, 9, true, true, 77),
                PeerOptions.of(syn.window(4000)));
    }

    @Test
    void optionsThatAreNotThereAreMarked() {
        assertEquals(
                new PeerOptions(5, 0, TcpSegment.ABSENT, TcpSegment.ABSENT, false, false, 0),
                PeerOptions.of(syn(5)));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0",
        "65535, 0",
        "65536, 1",
        "131071, 1",
        "131072, 2",
        "4194304, 7",
        "536870912, 14",
        "1073741824, 14"
    })
    void theShiftIsTheSmallestThatFits(int buffer, int shift) {
        assertEquals(shift, PeerOptions.shiftFor(buffer));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "65535, 65535", "65536, 65535", "1073741824, 65535"})
    void theWindowOfASynIsNeverScaled(int buffer, int window) {
        assertEquals(window, PeerOptions.synWindow(buffer));
    }

    @Test
    @Rfc(number = 9293, section = "3.7.1", id = "MUST-14")
    void anActiveOpenOffersAllThatIsConfigured() {
        TcpSegment syn = PeerOptions.offer(syn(1), TcpConfig.DEFAULT, null);
        assertEquals(1460, syn.mss());
        assertEquals(65_535, syn.window());
        assertEquals(7, syn.windowScale());
        assertTrue(syn.sackPermitted());
    }

    @Test
    void anActiveOpenOffersNothingThatIsSwitchedOff() {
        TcpConfig bare =
                TcpConfig.DEFAULT.with(
                        draft -> {
                            draft.windowScaling = false;
                            draft.sack = false;
                            draft.receiveBuffer = 1000;
                            draft.maximumSegmentSize = 500;
                        });
        TcpSegment syn = PeerOptions.offer(syn(1), bare, null);
        assertEquals(500, syn.mss());
        assertEquals(1000, syn.window());
        assertEquals(TcpSegment.ABSENT, syn.windowScale());
        assertFalse(syn.sackPermitted());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPassiveOpenAgreesOnlyToWhatThePeerOffered(boolean offered) {
        TcpSegment theirs = syn(1).sackPermitted(offered);
        if (offered) {
            theirs.windowScale(0);
        }
        TcpSegment syn = PeerOptions.offer(syn(1), TcpConfig.DEFAULT, PeerOptions.of(theirs));
        assertEquals(1460, syn.mss());
        assertEquals(offered ? 7 : TcpSegment.ABSENT, syn.windowScale());
        assertEquals(offered, syn.sackPermitted());
    }

    @Test
    void aPassiveOpenDoesNotAgreeToWhatIsSwitchedOff() {
        TcpConfig bare =
                TcpConfig.DEFAULT.with(
                        draft -> {
                            draft.windowScaling = false;
                            draft.sack = false;
                        });
        PeerOptions all = PeerOptions.of(syn(1).sackPermitted(true).windowScale(3));
        TcpSegment syn = PeerOptions.offer(syn(1), bare, all);
        assertEquals(TcpSegment.ABSENT, syn.windowScale());
        assertFalse(syn.sackPermitted());
    }

    private static TcpSegment syn(int seq) {
        return new TcpSegment().seq(seq).flag(TcpFlags.SYN);
    }
}
