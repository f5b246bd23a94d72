package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;

/// Settings that cannot work are refused by a sentence that names them.
class TcpConfigTest {
    private static final long SECOND = 1_000_000_000L;

    @ParameterizedTest
    @CsvSource({
        "minimumPathMtu, 68, 1280",
        "maximumSegmentSize, 64, 65495",
        "sendBuffer, 1, 1073741824",
        "receiveBuffer, 1, 1073741824",
        "delayedAckNanos, 0, 499999999",
        "initialRtoNanos, 200000000, 120000000000",
        "maximumRtoNanos, 60000000000, 3600000000000",
        "retransmissionsR1, 1, 127",
        "giveUpNanos, 100000000000, 2305843009213693951",
        "synGiveUpNanos, 180000000000, 2305843009213693951",
        "userTimeoutNanos, 0, 2305843009213693951",
        "keepAliveIdleNanos, 1000000, 2305843009213693951",
        "keepAliveIntervalNanos, 1000000, 2305843009213693951",
        "keepAliveProbes, 1, 127",
        "timeWaitNanos, 0, 2305843009213693951",
        "finWait2Nanos, 0, 2305843009213693951"
    })
    void aValueOutsideItsRangeIsRefusedByName(String name, long least, long most) throws Exception {
        assertEquals(least, read(change(name, least), name));
        assertEquals(most, read(change(name, most), name));
        refuse(name, least - 1);
        refuse(name, most + 1);
    }

    private static void refuse(String name, long value) {
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> change(name, value));
        assertTrue(refusal.getMessage().contains("got " + value), refusal.getMessage());
    }

    /// The bounds of one RTO are those of the others: each is blamed for its own value only.
    @ParameterizedTest
    @CsvSource({
        "maximumRtoNanos, 1, maximumRtoNanos",
        "maximumRtoNanos, 3600000000001, maximumRtoNanos",
        "minimumRtoNanos, 0, minimumRtoNanos",
        "minimumRtoNanos, 120000000001, minimumRtoNanos",
        "initialRtoNanos, 199999999, initialRtoNanos",
        "initialRtoNanos, 120000000001, initialRtoNanos",
        "giveUpNanos, 1, giveUpNanos",
        "delayedAckNanos, 500000000, delayedAckNanos"
    })
    void theMessageBeginsWithTheCulprit(String name, long value, String culprit) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> change(name, value))
                        .getMessage();
        assertTrue(message.startsWith(culprit + " must lie within "), message);
    }

    @Test
    void theInitialRtoLiesBetweenTheOtherTwo() {
        assertEquals(SECOND, change("minimumRtoNanos", SECOND).minimumRtoNanos());
        assertEquals(1_000_000, change("minimumRtoNanos", 1_000_000).minimumRtoNanos());
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> change("minimumRtoNanos", SECOND + 1))
                        .getMessage();
        assertTrue(message.startsWith("initialRtoNanos must lie within 1000000001"), message);
    }

    @Test
    void aMissingCongestionControllerIsRefused() {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> TcpConfig.DEFAULT.with(draft -> draft.congestion = null))
                        .getMessage();
        assertTrue(message.startsWith("congestion "), message);
    }

    @Test
    void aMissingModeOfProbingIsRefused() {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> TcpConfig.DEFAULT.with(draft -> draft.pathMtuProbing = null))
                        .getMessage();
        assertTrue(message.startsWith("pathMtuProbing "), message);
    }

    @Test
    void aMissingEcnPolicyIsRefused() {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> TcpConfig.DEFAULT.with(draft -> draft.ecn = null))
                        .getMessage();
        assertTrue(message.startsWith("ecn must be one of EcnPolicy"), message);
    }

    @Test
    void aCopyWithoutChangesIsEqual() {
        assertEquals(TcpConfig.DEFAULT, TcpConfig.DEFAULT.with(draft -> {}));
    }

    /// Each component reaches the copy, and no other one does.
    @Test
    void aChangeOfOneComponentChangesThatOneOnly() throws Exception {
        // Different values throughout, so that one taken from its neighbour would show.
        TcpConfig base =
                TcpConfig.DEFAULT.with(
                        draft -> {
                            draft.receiveBuffer = 1000;
                            draft.finWait2Nanos = 61 * SECOND;
                        });
        for (RecordComponent component : TcpConfig.class.getRecordComponents()) {
            TcpConfig changed = base.with(draft -> alter(draft, component.getName()));
            for (RecordComponent other : TcpConfig.class.getRecordComponents()) {
                Object before = other.getAccessor().invoke(base);
                Object after = other.getAccessor().invoke(changed);
                if (other.getName().equals(component.getName())) {
                    assertNotEquals(before, after, other.getName());
                } else {
                    assertEquals(before, after, other.getName());
                }
            }
        }
    }

    @Test
    void theDefaultsKeepTheLimitsOfRfc9293() {
        TcpConfig config = TcpConfig.DEFAULT;
        // 3.8.3: R1 at least 3 retransmissions, R2 at least 100 seconds, for SYN 3 minutes.
        assertTrue(config.retransmissionsR1() >= 3);
        assertTrue(config.giveUpNanos() >= 100 * SECOND);
        assertTrue(config.synGiveUpNanos() >= 180 * SECOND);
        // 3.8.4: keep-alives off by default, and not more often than once in two hours.
        assertEquals(false, config.keepAlive());
        assertTrue(config.keepAliveIdleNanos() >= 7200 * SECOND);
        // RFC 6298, 2.1 and 2.5.
        assertEquals(SECOND, config.initialRtoNanos());
        assertTrue(config.maximumRtoNanos() >= 60 * SECOND);
    }

    private static TcpConfig change(String name, long value) {
        return TcpConfig.DEFAULT.with(draft -> set(draft, name, value));
    }

    private static void set(TcpConfig.Draft draft, String name, long value) {
        try {
            Field field = TcpConfig.Draft.class.getField(name);
            if (field.getType() == int.class) {
                field.setInt(draft, Math.toIntExact(value));
            } else {
                field.setLong(draft, value);
            }
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static void alter(TcpConfig.Draft draft, String name) {
        try {
            Field field = TcpConfig.Draft.class.getField(name);
            if (field.getType() == boolean.class) {
                field.setBoolean(draft, !field.getBoolean(draft));
            } else if (field.getType() == int.class) {
                field.setInt(draft, field.getInt(draft) + 1);
            } else if (field.getType() == long.class) {
                field.setLong(draft, field.getLong(draft) + 1);
            } else if (field.getType() == PathMtuProbing.class) {
                draft.pathMtuProbing = PathMtuProbing.OFF;
            } else if (field.getType() == EcnPolicy.class) {
                draft.ecn = EcnPolicy.ACCURATE;
            } else {
                draft.congestion = mss -> TcpConfig.DEFAULT.congestion().create(mss);
            }
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static long read(TcpConfig config, String name) throws Exception {
        Object value = TcpConfig.class.getMethod(name).invoke(config);
        return ((Number) value).longValue();
    }
}
