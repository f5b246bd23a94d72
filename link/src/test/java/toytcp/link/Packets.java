package toytcp.link;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.net.InetSocketAddress;

/// IPv4 packets with TCP in them, octet by octet.
final class Packets {
    static final int FIN = 1;
    static final int SYN = 2;
    static final int RST = 4;
    static final int ACK = 16;
    static final int IP_HEADER = 20;
    static final int TCP_HEADER = 20;

    private Packets() {}

    /// A packet with right checksums and `payload` octets of 'x'.
    static ByteBuf tcp(InetSocketAddress from, InetSocketAddress to, int flags, int payload) {
        return tcp(from, to, flags, payload, 1000, 0);
    }

    /// The same with these numbers.
    static ByteBuf tcp(
            InetSocketAddress from,
            InetSocketAddress to,
            int flags,
            int payload,
            int sequence,
            int acknowledged) {
        int length = IP_HEADER + TCP_HEADER + payload;
        ByteBuf packet = Unpooled.directBuffer(length);
        packet.writeByte(0x45).writeByte(0).writeShort(length).writeShort(1).writeShort(0x4000);
        packet.writeByte(64).writeByte(6).writeShort(0);
        packet.writeBytes(from.getAddress().getAddress());
        packet.writeBytes(to.getAddress().getAddress());
        packet.writeShort(from.getPort()).writeShort(to.getPort());
        packet.writeInt(sequence).writeInt(acknowledged);
        packet.writeByte(0x50).writeByte(flags).writeShort(65535);
        packet.writeShort(0).writeShort(0);
        for (int i = 0; i < payload; i++) {
            packet.writeByte('x');
        }
        packet.setShort(10, ~sum(packet, 0, IP_HEADER, 0));
        int pseudoHeader = sum(packet, 12, 20, 6 + length - IP_HEADER);
        packet.setShort(IP_HEADER + 16, ~sum(packet, IP_HEADER, length, pseudoHeader));
        return packet;
    }

    static int destinationPort(ByteBuf packet) {
        return packet.getUnsignedShort(packet.readerIndex() + IP_HEADER + 2);
    }

    static int flags(ByteBuf packet) {
        return packet.getUnsignedByte(packet.readerIndex() + IP_HEADER + 13);
    }

    static int totalLength(ByteBuf packet) {
        return packet.getUnsignedShort(packet.readerIndex() + 2);
    }

    /// RFC 1071, with a zero behind an odd last octet.
    private static int sum(ByteBuf packet, int from, int to, int start) {
        int sum = start;
        for (int i = from; i < to; i += 2) {
            sum += packet.getUnsignedByte(i) << 8;
            sum += i + 1 < to ? packet.getUnsignedByte(i + 1) : 0;
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }
}
