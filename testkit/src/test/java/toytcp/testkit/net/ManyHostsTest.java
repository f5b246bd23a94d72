package toytcp.testkit.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ManyHostsTest {
    @Test
    void aHundredHostsWithFiveFlowsEachComplete() {
        try (ManyHosts many = new ManyHosts(100, 5)) {
            many.connect();
            many.send(5000);
            assertEquals(500 * 5000, many.traffic.received);
            many.end();
            many.net.run();
            assertEquals("  nothing", many.net.alive());
        }
    }
}
