package toytcp.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

class IpAddressesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "10.0.0.1",
                "127.0.0.1",
                "200.201.202.203",
                "255.255.255.255",
                "::",
                "::1",
                "2001:db8::ffff:1",
                "fe80::fedc:ba98:7654:3210",
                "ffff::ffff:ffff:0:1"
            })
    void anAddressSurvivesBothWays(String text) throws UnknownHostException {
        InetAddress address = InetAddress.getByName(text);
        long high = IpAddresses.high(address);
        long low = IpAddresses.low(address);
        assertEquals(address, IpAddresses.toInetAddress(high, low));
        assertEquals(address instanceof Inet4Address, IpAddresses.isV4(high, low));
    }

    @Test
    void anIpv4AddressIsHeldAsTheMappedOne() throws UnknownHostException {
        InetAddress address = InetAddress.getByName("200.201.202.203");
        assertEquals(0, IpAddresses.high(address));
        assertEquals(0xffff_c8c9_cacbL, IpAddresses.low(address));
        assertEquals(0xffff_c8c9_cacbL, IpAddresses.v4Low(0xc8c9cacb));
        assertEquals(0xc8c9cacb, IpAddresses.toV4(0xffff_c8c9_cacbL));
        assertInstanceOf(Inet4Address.class, IpAddresses.toInetAddress(0, 0xffff_c8c9_cacbL));
    }

    @Test
    void anIpv6AddressIsHeldInNetworkOrder() throws UnknownHostException {
        InetAddress address = InetAddress.getByName("2001:db8:1:2:3:4:5:6");
        assertEquals(0x2001_0db8_0001_0002L, IpAddresses.high(address));
        assertEquals(0x0003_0004_0005_0006L, IpAddresses.low(address));
        assertInstanceOf(
                Inet6Address.class,
                IpAddresses.toInetAddress(0x2001_0db8_0001_0002L, 0x0003_0004_0005_0006L));
    }

    @Test
    void onlyTheMappedPrefixIsIpv4() {
        assertTrue(IpAddresses.isV4(0, 0xffff_0000_0000L));
        assertFalse(IpAddresses.isV4(1, 0xffff_0000_0000L));
        assertFalse(IpAddresses.isV4(0, 0xfffe_0000_0000L));
        assertFalse(IpAddresses.isV4(0, 0x1_ffff_0000_0000L));
        assertFalse(IpAddresses.isV4(0, 1));
    }
}
