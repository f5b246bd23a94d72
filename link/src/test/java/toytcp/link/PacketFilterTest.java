package toytcp.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import toytcp.stack.ip.PacketLink.PortRange;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Runs the programs on a small interpreter of classic BPF.
class PacketFilterTest {
    private static final int HOST = 0x0a000001;
    private static final int OTHER_HOST = 0x0a000002;
    private static final int TCP = 6;
    private static final int UDP = 17;

    @Test
    void nothingPassesBeforeAnythingIsClaimed() throws Exception {
        assertFalse(passes(List.of(), packet(HOST, TCP, 5, 0, 7)));
    }

    @Test
    void exactlyTheClaimedPortsPass() throws Exception {
        List<PortClaim> claims = List.of(claim(HOST, 7, 7), claim(HOST, 61000, 65535));
        for (int port : new int[] {7, 61000, 62345, 65535}) {
            assertTrue(passes(claims, packet(HOST, TCP, 5, 0, port)), "port " + port);
        }
        for (int port : new int[] {0, 6, 8, 60999}) {
            assertFalse(passes(claims, packet(HOST, TCP, 5, 0, port)), "port " + port);
        }
    }

    @Test
    void aClaimIsForItsAddressAlone() throws Exception {
        List<PortClaim> claims = List.of(claim(HOST, 7, 7), claim(OTHER_HOST, 8, 8));
        assertTrue(passes(claims, packet(HOST, TCP, 5, 0, 7)));
        assertFalse(passes(claims, packet(HOST, TCP, 5, 0, 8)));
        assertFalse(passes(claims, packet(OTHER_HOST, TCP, 5, 0, 7)));
        assertTrue(passes(claims, packet(OTHER_HOST, TCP, 5, 0, 8)));
    }

    @Test
    void theWildcardIsForAllAddresses() throws Exception {
        List<PortClaim> claims = List.of(claim(0, 7, 7), claim(OTHER_HOST, 8, 8));
        assertTrue(passes(claims, packet(HOST, TCP, 5, 0, 7)));
        assertTrue(passes(claims, packet(OTHER_HOST, TCP, 5, 0, 7)));
        assertFalse(passes(claims, packet(HOST, TCP, 5, 0, 8)));
        assertTrue(passes(claims, packet(OTHER_HOST, TCP, 5, 0, 8)));
    }

    @Test
    void thePortIsFoundBehindIpOptions() throws Exception {
        List<PortClaim> claims = List.of(claim(HOST, 7, 7));
        for (int words = 5; words <= 15; words++) {
            assertTrue(passes(claims, packet(HOST, TCP, words, 0, 7)), words + " words");
            assertFalse(passes(claims, packet(HOST, TCP, words, 0, 8)), words + " words");
        }
    }

    @Test
    void fragmentsAndOtherProtocolsDoNotPass() throws Exception {
        List<PortClaim> claims = List.of(claim(HOST, 7, 7));
        int dontFragment = 0x4000;
        assertTrue(passes(claims, packet(HOST, TCP, 5, dontFragment, 7)));
        assertFalse(passes(claims, packet(HOST, TCP, 5, 0x2000, 7)), "more fragments");
        assertFalse(passes(claims, packet(HOST, TCP, 5, 1, 7)), "later fragment");
        assertFalse(passes(claims, packet(HOST, UDP, 5, 0, 7)));
    }

    @Test
    void aTruncatedPacketDoesNotPass() throws Exception {
        byte[] whole = packet(HOST, TCP, 5, 0, 7);
        for (int length = 0; length < 24; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertFalse(passes(List.of(claim(HOST, 7, 7)), cut), length + " octets");
        }
    }

    @Test
    void severalHundredListenersPassAndTheirNeighboursDoNot() throws Exception {
        List<PortClaim> claims = new ArrayList<>();
        for (int port = 1000; port < 2000; port += 2) {
            claims.add(claim(HOST, port, port));
            claims.add(claim(OTHER_HOST, port + 1, port + 1));
        }
        for (int port = 1000; port < 2000; port++) {
            boolean even = port % 2 == 0;
            assertEquals(even, passes(claims, packet(HOST, TCP, 5, 0, port)), "port " + port);
            assertEquals(!even, passes(claims, packet(OTHER_HOST, TCP, 5, 0, port)));
        }
    }

    @Test
    void moreThanTheKernelTakesIsRefusedWithAReason() {
        List<PortClaim> claims = new ArrayList<>();
        for (int port = 1000; port < 5000; port += 2) {
            claims.add(claim(HOST, port, port));
        }
        IOException refusal = assertThrows(IOException.class, () -> PacketFilter.program(claims));
        assertTrue(refusal.getMessage().contains("adjacent ports"));
    }

    @Test
    void aNetworkHasAllItsAddresses() throws Exception {
        List<PortClaim> claims = List.of(PortClaim.shared(0x0a050000, 16, 80, 90));
        assertTrue(passes(claims, packet(0x0a050000, TCP, 5, 0, 80), InterceptRules.OTHER_HOST));
        assertTrue(passes(claims, packet(0x0a05ffff, TCP, 5, 0, 90), InterceptRules.OTHER_HOST));
        assertFalse(passes(claims, packet(0x0a05ffff, TCP, 5, 0, 91), InterceptRules.OTHER_HOST));
        assertFalse(passes(claims, packet(0x0a060000, TCP, 5, 0, 80), InterceptRules.OTHER_HOST));
        assertFalse(passes(claims, packet(0x0a04ffff, TCP, 5, 0, 80), InterceptRules.OTHER_HOST));
    }

    @Test
    void whatTheKernelHasASocketForPassesForOwnPortsOnly() throws Exception {
        List<PortClaim> claims =
                List.of(
                        claim(HOST, 7, 7),
                        PortClaim.shared(0, 0, 1, 65535),
                        PortClaim.shared(HOST, 32, 8, 8),
                        claim(0, 9, 9));
        for (int port : new int[] {7, 9}) {
            assertTrue(passes(claims, packet(HOST, TCP, 5, 0, port)), "port " + port);
        }
        for (int port : new int[] {1, 8, 10, 65535}) {
            assertFalse(passes(claims, packet(HOST, TCP, 5, 0, port)), "port " + port);
        }
        for (int port : new int[] {1, 7, 8, 9, 65535}) {
            assertTrue(
                    passes(claims, packet(OTHER_HOST, TCP, 5, 0, port), InterceptRules.OTHER_HOST),
                    "port " + port);
        }
    }

    @Test
    void claimsThatTouchBecomeOne() {
        List<PortClaim> merged =
                PortClaim.merged(
                        List.of(
                                claim(HOST, 20, 30),
                                claim(HOST, 7, 7),
                                claim(HOST, 31, 31),
                                claim(OTHER_HOST, 8, 8),
                                claim(HOST, 10, 25),
                                claim(HOST, 22, 23)));
        assertEquals(
                List.of(claim(HOST, 7, 7), claim(HOST, 10, 31), claim(OTHER_HOST, 8, 8)), merged);
    }

    @Test
    void errorsAboutClaimedPortsPassAndNoOthers() throws Exception {
        List<PortClaim> claims = List.of(claim(HOST, 7, 7), claim(HOST, 61000, 61999));
        for (int type : new int[] {3, 11, 12}) {
            assertTrue(reports(claims, error(type, HOST, TCP, 5, 5, 0, 7)));
            assertTrue(reports(claims, error(type, HOST, TCP, 5, 5, 0, 61500)));
            assertFalse(reports(claims, error(type, HOST, TCP, 5, 5, 0, 8)));
            assertFalse(reports(claims, error(type, OTHER_HOST, TCP, 5, 5, 0, 7)));
            assertFalse(reports(claims, error(type, HOST, UDP, 5, 5, 0, 7)));
            assertFalse(reports(claims, error(type, HOST, TCP, 5, 5, 1, 7)), "later fragment");
            assertTrue(reports(claims, error(type, HOST, TCP, 5, 5, 0x2000, 7)), "first fragment");
        }
        assertFalse(reports(List.of(), error(3, HOST, TCP, 5, 5, 0, 7)));
    }

    @Test
    void otherIcmpMessagesDoNotPass() throws Exception {
        List<PortClaim> claims = List.of(claim(0, 1, 65535));
        for (int type = 0; type < 256; type++) {
            boolean error = type == 3 || type == 11 || type == 12;
            assertEquals(error, reports(claims, error(type, HOST, TCP, 5, 5, 0, 7)), "" + type);
        }
    }

    @Test
    void theQuotedPortIsFoundBehindIpOptions() throws Exception {
        List<PortClaim> claims = List.of(claim(HOST, 7, 7));
        for (int outer = 5; outer <= 15; outer++) {
            for (int inner = 5; inner <= 15; inner++) {
                assertTrue(reports(claims, error(3, HOST, TCP, outer, inner, 0, 7)));
                assertFalse(reports(claims, error(3, HOST, TCP, outer, inner, 0, 8)));
            }
        }
    }

    @Test
    void aTruncatedErrorDoesNotPass() throws Exception {
        byte[] whole = error(3, HOST, TCP, 5, 5, 0, 7);
        for (int length = 0; length < 50; length++) {
            assertFalse(reports(List.of(claim(HOST, 7, 7)), Arrays.copyOf(whole, length)));
        }
    }

    @Test
    void errorsAboutASharedNetworkPassWhateverTheirPacketType() throws Exception {
        List<PortClaim> claims =
                List.of(PortClaim.shared(0x0a050000, 16, 80, 90), claim(HOST, 7, 7));
        assertTrue(reports(claims, error(3, 0x0a05ffff, TCP, 5, 5, 0, 85)));
        assertFalse(reports(claims, error(3, 0x0a060000, TCP, 5, 5, 0, 85)));
        assertTrue(reports(claims, error(3, HOST, TCP, 5, 5, 0, 7)));
    }

    private static boolean reports(List<PortClaim> claims, byte[] packet) throws IOException {
        return run(PacketFilter.errors(PortClaim.merged(claims)), packet, 0) != 0;
    }

    /// Octets of an ICMP error that quotes a packet from `from` and its port.
    private static byte[] error(
            int type, int from, int protocol, int words, int quotedWords, int fragment, int port) {
        byte[] quoted = packet(0, protocol, quotedWords, fragment, 0);
        for (int i = 0; i < 4; i++) {
            quoted[12 + i] = (byte) (from >>> 24 - 8 * i);
        }
        quoted[4 * quotedWords] = (byte) (port >>> 8);
        quoted[4 * quotedWords + 1] = (byte) port;
        byte[] packet = new byte[4 * words + 8 + quoted.length];
        packet[0] = (byte) (0x40 | words);
        packet[9] = 1;
        packet[4 * words] = (byte) type;
        System.arraycopy(quoted, 0, packet, 4 * words + 8, quoted.length);
        return packet;
    }

    private static PortClaim claim(int address, int first, int last) {
        return new PortClaim(address, new PortRange(first, last));
    }

    private static byte[] packet(int to, int protocol, int words, int fragment, int port) {
        byte[] packet = new byte[4 * words + 20];
        packet[0] = (byte) (0x40 | words);
        packet[6] = (byte) (fragment >>> 8);
        packet[7] = (byte) fragment;
        packet[9] = (byte) protocol;
        for (int i = 0; i < 4; i++) {
            packet[16 + i] = (byte) (to >>> 24 - 8 * i);
        }
        packet[4 * words + 2] = (byte) (port >>> 8);
        packet[4 * words + 3] = (byte) port;
        return packet;
    }

    private static boolean passes(List<PortClaim> claims, byte[] packet) throws IOException {
        return passes(claims, packet, 0);
    }

    private static boolean passes(List<PortClaim> claims, byte[] packet, int type)
            throws IOException {
        return run(PacketFilter.program(PortClaim.merged(claims)), packet, type) != 0;
    }

    private static int run(long[] program, byte[] packet, int type) {
        int a = 0;
        int x = 0;
        int stored = 0;
        int next = 0;
        while (true) {
            long instruction = program[next++];
            int ifTrue = (int) (instruction >>> 16 & 0xff);
            int ifFalse = (int) (instruction >>> 24 & 0xff);
            int k = (int) (instruction >>> 32);
            int code = (int) (instruction & 0xffff);
            int size = code == 0x20 || code == 0x40 ? 4 : code == 0x28 || code == 0x48 ? 2 : 1;
            int from = code == 0x40 || code == 0x48 || code == 0x50 ? x + k : k;
            boolean load = (code & 7) <= 1 && code != 0x60;
            if (code == 0x30 && k == -0x1000 + 4) {
                a = type;
                continue;
            }
            if (load && from + size > packet.length) {
                return 0; // as the kernel does
            }
            switch (code) {
                case 0x60 -> a = stored;
                case 0x02 -> stored = a;
                case 0x64 -> a <<= k;
                case 0x0c -> a += x;
                case 0x07 -> x = a;
                case 0x20, 0x28, 0x30, 0x40, 0x48, 0x50 -> a = read(packet, from, size);
                case 0xb1 -> x = 4 * (packet[k] & 0xf);
                case 0x54 -> a &= k;
                case 0x05 -> next += k;
                case 0x15 -> next += a == k ? ifTrue : ifFalse;
                case 0x25 -> next += Integer.compareUnsigned(a, k) > 0 ? ifTrue : ifFalse;
                case 0x35 -> next += Integer.compareUnsigned(a, k) >= 0 ? ifTrue : ifFalse;
                case 0x45 -> next += (a & k) != 0 ? ifTrue : ifFalse;
                case 0x06 -> {
                    return k;
                }
                default -> throw new AssertionError("unknown instruction " + code);
            }
        }
    }

    private static int read(byte[] packet, int from, int size) {
        int value = 0;
        for (int i = from; i < from + size; i++) {
            value = value << 8 | packet[i] & 0xff;
        }
        return value;
    }
}
