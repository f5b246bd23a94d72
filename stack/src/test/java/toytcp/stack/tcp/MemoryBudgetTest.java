package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// The zones of the memory of a stack, on values.
class MemoryBudgetTest {
    private final MemoryBudget budget = new MemoryBudget(600_000);

    @Test
    void pressureBeginsAtTwoThirdsAndEndsBelowHalf() {
        budget.add(399_999);
        assertEquals(MemoryBudget.Zone.FREE, budget.zone());
        budget.add(1);
        assertEquals(MemoryBudget.Zone.PRESSURE, budget.zone());
        budget.add(-100_000);
        assertEquals(MemoryBudget.Zone.PRESSURE, budget.zone());
        budget.add(-1);
        assertEquals(MemoryBudget.Zone.FREE, budget.zone());
        assertEquals(1, budget.pressures());
        assertEquals(0, budget.exhaustions());
    }

    @Test
    void atTheLimitItIsExhausted() {
        budget.add(599_999);
        assertEquals(MemoryBudget.Zone.PRESSURE, budget.zone());
        assertEquals(1, budget.left());
        budget.add(2);
        assertEquals(MemoryBudget.Zone.EXHAUSTED, budget.zone());
        assertEquals(0, budget.left());
        budget.add(-2);
        assertEquals(MemoryBudget.Zone.PRESSURE, budget.zone());
        budget.add(-599_999);
        assertEquals(MemoryBudget.Zone.FREE, budget.zone());
        assertEquals(0, budget.used());
        assertEquals(600_001, budget.peak());
        assertEquals(1, budget.pressures());
        assertEquals(1, budget.exhaustions());
    }

    @Test
    void aSingleStepMayCrossBothBounds() {
        budget.add(700_000);
        assertEquals(MemoryBudget.Zone.EXHAUSTED, budget.zone());
        assertEquals(1, budget.pressures());
        budget.add(-500_000);
        assertEquals(MemoryBudget.Zone.FREE, budget.zone());
    }

    @Test
    void anUnlimitedOneIsNeverUsedUp() {
        var unlimited = MemoryBudget.unlimited();
        unlimited.add(1L << 50);
        assertEquals(MemoryBudget.Zone.FREE, unlimited.zone());
    }

    @Test
    void tooLittleIsRefused() {
        var refused = assertThrows(IllegalArgumentException.class, () -> new MemoryBudget(65_535));
        assertTrue(refused.getMessage().contains("at least 65536 octets, got 65535"));
    }
}
