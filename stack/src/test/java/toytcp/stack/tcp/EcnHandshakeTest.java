package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import toytcp.codec.EcnField;
import toytcp.codec.TcpFlags;

/// The tables of RFC 9768 as functions; in scripts they are in `EcnNegotiationTest`.
class EcnHandshakeTest {
    /// Table 3.
    @ParameterizedTest
    @CsvSource({"0, 2", "1, 3", "2, 4", "3, 6"})
    void aCodepointIsEncodedAndDecoded(int codepoint, int ace) {
        int flags = EcnHandshake.echo(codepoint);
        assertEquals(ace, EcnHandshake.ace(flags));
        assertEquals(codepoint, EcnHandshake.echoed(flags, EcnField.NOT_ECT));
        assertEquals(codepoint, EcnHandshake.echoed(flags | TcpFlags.ACK, EcnField.ECT_0));
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "5", "7"})
    void flagsWithoutAMeaningStandForWhatWasSent(int ace) {
        int flags = EcnHandshake.flagsOf(ace);
        assertEquals(EcnField.ECT_0, EcnHandshake.echoed(flags, EcnField.ECT_0));
        assertEquals(EcnField.NOT_ECT, EcnHandshake.echoed(flags, EcnField.NOT_ECT));
    }

    /// 3.2.2.3: what left, what arrived, whether routers may do that.
    @ParameterizedTest
    @CsvSource({
        "0, 0, true", "0, 1, false", "0, 2, false", "0, 3, false",
        "2, 0, false", "2, 1, false", "2, 2, true", "2, 3, true",
        "1, 0, false", "1, 1, true", "1, 2, false", "1, 3, true",
        "3, 0, false", "3, 1, false", "3, 2, false", "3, 3, true",
    })
    void transitionsAreValidOrNot(int sent, int seen, boolean valid) {
        assertEquals(valid, EcnHandshake.isValid(sent, seen));
    }

    @Test
    void aceIsTheLowerThreeBits() {
        assertEquals(TcpFlags.AE | TcpFlags.ECE, EcnHandshake.flagsOf(5));
        assertEquals(0, EcnHandshake.flagsOf(8));
        assertEquals(TcpFlags.AE | TcpFlags.CWR, EcnHandshake.flagsOf(14));
        assertEquals(5, EcnHandshake.ace(EcnHandshake.flagsOf(13)));
    }
}
