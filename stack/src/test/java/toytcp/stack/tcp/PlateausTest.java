package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import toytcp.codec.IcmpError;

/// RFC 1191, 5 and table 7-1.
class PlateausTest {
    @ParameterizedTest
    @CsvSource({
        "65535, 32000",
        "32001, 32000",
        "32000, 17914",
        "17914, 8166",
        "8166, 4352",
        "4352, 2002",
        "2002, 1492",
        "1500, 1492",
        "1492, 1006",
        "1006, 508",
        "508, 296",
        "296, 68",
        "68, 0"
    })
    void theNextPlateauIsLessThanThePacketWas(int length, int mtu) {
        assertEquals(mtu, Plateaus.below(quoting(length, 20), 65536));
    }

    @ParameterizedTest
    @CsvSource({"1500, 20, 1006", "1512, 20, 1006", "1513, 20, 1492", "2002, 24, 1492"})
    void oldRoutersAddTheHeaderToTheLength(int length, int header, int mtu) {
        assertEquals(mtu, Plateaus.below(quoting(length, header), 1500));
    }

    private static IcmpError quoting(int length, int header) {
        return new IcmpError(3, 4, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, length, header);
    }
}
