package toytcp.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllocationTest {
    private static final int ACKS = 100_000;

    /// A table that becomes larger once in a while is no allocation per ACK.
    private static final double NEXT_TO_NOTHING = 1;

    @ParameterizedTest
    @CsvSource({
        "full, bursts, 110000",
        "full, loss, 250000",
        "newreno, bursts, 110000",
        "newreno, loss, 250000"
    })
    void anAckThatLetsNothingOutAllocatesNothing(String sender, String path, int inputs) {
        Allocation made = Allocation.of(Recorder.record(Scenario.of(sender, 1000, path), inputs));
        assertTrue(made.acks() >= ACKS, made::toString);
        assertTrue(made.perAck() < NEXT_TO_NOTHING, made::toString);
    }
}
