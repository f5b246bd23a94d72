package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.Test;

import toytcp.codec.SegmentFormat;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpEvent;
import toytcp.testkit.TcpScript;

/// When a connection in TIME-WAIT makes room for the next one between the same ends.
class TimeWaitReuseTest {
    private static TcpScript timeWait() {
        return TcpScript.established().shutdown().skip().in("F. 1:11 ack 2").out(". 2:2 ack 12");
    }

    private static TcpScript withTimestamps() {
        var tcp = TcpScript.with(_ -> {}).peerOptions("mss 1460,TS val 1000 ecr 0").established();
        tcp.shutdown().skip().in("F. 1:1 ack 2 <TS val 1010 ecr 0>").skip();
        return tcp.state(TcpState.TIME_WAIT);
    }

    private static boolean mayReopen(TcpScript tcp, String syn) {
        return tcp.connection().mayReopen(SegmentFormat.parse(syn, 0, 0).segment());
    }

    @Test
    @Rfc(number = 9293, section = "3.6.1", id = "MAY-2")
    void aSynBeyondAllThatWasReceivedMayReopen() {
        var tcp = timeWait().state(TcpState.TIME_WAIT);
        assertTrue(mayReopen(tcp, "S 13:13"));
        assertFalse(mayReopen(tcp, "S 12:12"));
        assertFalse(mayReopen(tcp, "S 4000000000:4000000000"));
        assertTrue(mayReopen(tcp, "S 13:13 <TS val 1 ecr 0>"));
    }

    @Test
    void nothingButASynMayReopen() {
        var tcp = timeWait();
        assertFalse(mayReopen(tcp, "S. 13:13 ack 2"));
        assertFalse(mayReopen(tcp, "SR 13:13"));
        assertFalse(mayReopen(tcp, "SF 13:13"));
        assertFalse(mayReopen(tcp, ". 13:13 ack 2"));
        assertTrue(mayReopen(tcp, "SEW 13:13"));
    }

    @Test
    void onlyAConnectionInTimeWaitIsReopened() {
        assertFalse(mayReopen(TcpScript.established(), "S 13:13"));
        assertFalse(mayReopen(TcpScript.established().in("F. 1:1 ack 1"), "S 13:13"));
    }

    @Test
    @Rfc(number = 6191, section = "2")
    void aLaterTimestampMayReopenWhateverTheSequenceNumber() {
        var tcp = withTimestamps();
        assertTrue(mayReopen(tcp, "S 1:1 <TS val 1011 ecr 0>"));
        assertFalse(mayReopen(tcp, "S 100:100 <TS val 1009 ecr 0>"));
        assertTrue(mayReopen(tcp, "S 3:3 <TS val 1010 ecr 0>"));
        assertFalse(mayReopen(tcp, "S 2:2 <TS val 1010 ecr 0>"));
        assertTrue(mayReopen(tcp, "S 3:3"));
        assertFalse(mayReopen(tcp, "S 2:2"));
    }

    @Test
    @Rfc(number = 6191, section = "3")
    void anActiveOpenMayReplaceItOnceTheTimestampClockHasMovedOn() {
        var tcp = withTimestamps().after(ofMillis(999));
        assertFalse(tcp.connection().mayBeReplaced(tcp.nowNanos()));
        tcp.after(ofMillis(1));
        assertTrue(tcp.connection().mayBeReplaced(tcp.nowNanos()));
    }

    @Test
    void withoutTimestampsOrInAnotherStateItIsNotReplaced() {
        var tcp = timeWait().after(ofSeconds(30));
        assertFalse(tcp.connection().mayBeReplaced(tcp.nowNanos()));
        var open = TcpScript.with(_ -> {}).peerOptions("mss 1460,TS").established();
        assertFalse(open.after(ofSeconds(30)).connection().mayBeReplaced(open.nowNanos()));
    }

    @Test
    @Rfc(number = 9293, section = "3.6.1", id = "MAY-2")
    void theNextInitialSequenceNumberIsBeyondAllThatWereUsed() {
        var connection = timeWait().connection();
        assertEquals(3, connection.successorIss(3));
        assertEquals(2 + 65_537, connection.successorIss(2));
        assertEquals(2 + 65_537, connection.successorIss(-5));
    }

    @Test
    void itCanBeEndedEarlyAndWhatIsUnreadStaysReadable() {
        var tcp = timeWait();
        tcp.connection().endTimeWait();
        tcp.batch()
                .closed(CloseReason.NORMAL)
                .state(TcpState.CLOSED)
                .noTimers()
                .readable(10)
                .readAll()
                .received(10);
    }

    @Test
    void elsewhereEndingItHasNoEffect() {
        var tcp = TcpScript.established();
        tcp.connection().endTimeWait();
        tcp.state(TcpState.ESTABLISHED).in("P. 1:2 ack 1").event(TcpEvent.READABLE);
    }
}
