package toytcp.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// Packets that Linux sent, and what tests do to them. The checksum here is the plain loop of
/// RFC 1071, 4.1, so that it shares nothing with the one under test.
final class Packets {
    /// A connection of 10.9.0.1 port 40000 to 10.9.0.2 port 7777 over a link without checksum
    /// offload, and a refused one to port 7.
    static final String SYN =
            "4500003ce01d40004006468a0a0900010a0900029c401e616ea6a3a400000000a002faf0076e0000"
                    + "020405b40402080a7370f12c000000000103030a";

    static final String SYN_ACK =
            "4500003c00004000400626a80a0900020a0900011e619c40d9b1e88c6ea6a3a5a012fe88c2350000"
                    + "020405b40402080ae44c9b037370f12c0103030a";
    static final String ACK =
            "45000034e01e4000400646910a0900010a0900029c401e616ea6a3a5d9b1e88d8010003fef4e0000"
                    + "0101080a7370f12ce44c9b03";

    /// With five octets of data: "hello".
    static final String DATA =
            "45000039e01f40004006468b0a0900010a0900029c401e616ea6a3a5d9b1e88d8018003fab6f0000"
                    + "0101080a7370f12ce44c9b0368656c6c6f";

    static final String FIN =
            "4500003416f5400040060fbb0a0900020a0900011e619c40d9b1e88d6ea6a3aa80110040ef470000"
                    + "0101080ae44c9b037370f12c";
    static final String RST =
            "4500002800004000400626bc0a0900020a09000100079c4100000000dd6d1f615014000002a50000";

    /// On the loopback interface, where the checksum covers the pseudo-header only.
    static final String PARTIAL =
            "45000039b46c4000400688507f0000017f0000019c401e61962992f821757d7e80180040fe2d0000"
                    + "0101080a8809929b3b41c71368656c6c6f";

    private Packets() {}

    static byte[] octets(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    /// A direct buffer of its own with these octets.
    static ByteBuf buffer(byte[] octets) {
        return PooledByteBufAllocator.DEFAULT.directBuffer(octets.length).writeBytes(octets);
    }

    static ByteBuf buffer(String hex) {
        return buffer(octets(hex));
    }

    static ByteBuf text(String text) {
        return buffer(text.getBytes(StandardCharsets.US_ASCII));
    }

    /// `packet` with both checksums as they should be, as far as its lengths allow.
    static byte[] repaired(byte[] packet) {
        int headerLength = (packet[0] & 0xf) * 4;
        if (headerLength >= 20 && headerLength <= packet.length) {
            put(packet, 10, 0);
            put(packet, 10, ~sum(packet, 0, headerLength));
        }
        int end = Math.min(packet.length, (packet[2] & 0xff) << 8 | packet[3] & 0xff);
        if (packet[9] == IpPacket.TCP && headerLength + 20 <= end) {
            put(packet, headerLength + 16, 0);
            int sum = sum(packet, headerLength, end - headerLength) + sum(packet, 12, 8);
            sum += IpPacket.TCP + end - headerLength;
            put(packet, headerLength + 16, ~((sum & 0xffff) + (sum >>> 16)));
        }
        if (packet[9] == IpPacket.ICMP && headerLength + 4 <= end) {
            put(packet, headerLength + 2, 0);
            put(packet, headerLength + 2, ~sum(packet, headerLength, end - headerLength));
        }
        return packet;
    }

    /// `packet` with one octet changed and its checksums repaired.
    static byte[] with(String packet, int at, int value) {
        byte[] octets = octets(packet);
        octets[at] = (byte) value;
        return repaired(octets);
    }

    /// `packet` with `options` in place of its own 12 octets of TCP options, checksums repaired.
    static byte[] withOptions(String packet, String options) {
        byte[] octets = octets(packet);
        byte[] replacement = octets(options);
        byte[] result = new byte[octets.length - 12 + replacement.length];
        System.arraycopy(octets, 0, result, 0, 40);
        System.arraycopy(replacement, 0, result, 40, replacement.length);
        System.arraycopy(octets, 52, result, 40 + replacement.length, octets.length - 52);
        put(result, 2, result.length);
        result[32] = (byte) ((20 + replacement.length) / 4 << 4);
        return repaired(result);
    }

    /// `packet` with `options` in its IP header, checksums repaired.
    static byte[] withIpOptions(String packet, String options) {
        byte[] octets = octets(packet);
        byte[] inserted = octets(options);
        byte[] result = new byte[octets.length + inserted.length];
        System.arraycopy(octets, 0, result, 0, 20);
        System.arraycopy(inserted, 0, result, 20, inserted.length);
        System.arraycopy(octets, 20, result, 20 + inserted.length, octets.length - 20);
        result[0] = (byte) (0x40 | (20 + inserted.length) / 4);
        put(result, 2, result.length);
        return repaired(result);
    }

    /// An ICMP message of 10.9.0.254 to 10.9.0.1 that quotes the header and eight octets of `packet`.
    static byte[] icmp(String packet, int type, int code, int rest) {
        byte[] quoted = octets(packet);
        byte[] icmp = new byte[20 + 8 + 28];
        icmp[0] = 0x45;
        put(icmp, 2, icmp.length);
        icmp[8] = 64;
        icmp[9] = IpPacket.ICMP;
        System.arraycopy(octets("0a0900fe0a090001"), 0, icmp, 12, 8);
        icmp[20] = (byte) type;
        icmp[21] = (byte) code;
        put(icmp, 26, rest);
        System.arraycopy(quoted, 0, icmp, 28, 28);
        return repaired(icmp);
    }

    /// The ones' complement sum of 16-bit words.
    static int sum(byte[] octets, int from, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            int octet = octets[from + i] & 0xff;
            sum += (i & 1) == 0 ? octet << 8 : octet;
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }

    private static void put(byte[] octets, int at, int value) {
        octets[at] = (byte) (value >>> 8);
        octets[at + 1] = (byte) value;
    }
}
