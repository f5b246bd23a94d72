package toytcp.testkit.net;

import io.netty.buffer.ByteBuf;

import toytcp.codec.IcmpError;
import toytcp.codec.InternetChecksum;
import toytcp.testkit.PacketEdits;

import java.net.InetAddress;

/// Passes packets on, by the shortest way; made by [Network#router].
///
/// It checks and counts down the TTL, and tells the sender of a packet that it cannot pass on why: no route,
/// the TTL is over, or the next link takes smaller packets only (so path MTU discovery works, RFC 1191).
///
/// Deviation: it fragments nothing, also if a packet does not forbid that, and has no limit for the errors that
/// it sends (RFC 1812, 4.2.2.7 and 4.3.2.8): TCP stacks avoid fragments, and tests want to see each error.
public final class Router extends Node {
    private static final int MINIMUM_HEADER = 20;
    private static final int TTL = 8;

    Router(Network network, String name, InetAddress address, int index) {
        super(network, name, address, index);
    }

    @Override
    void receive(ByteBuf packet) {
        int start = packet.readerIndex();
        int header = (packet.getByte(start) & 0xf) * 4;
        // RFC 1812, 5.2.2: a damaged header is not to be believed.
        if (header < MINIMUM_HEADER
                || header > packet.readableBytes()
                || InternetChecksum.sum(packet, start, header) != InternetChecksum.VALID) {
            network.capture().note(name() + ": lost: the IP header is damaged");
            packet.release();
        } else if (packet.getInt(start + DESTINATION) == ipv4()) {
            // It is no host: nothing here listens.
            packet.release();
        } else if (packet.getUnsignedByte(start + TTL) <= 1) {
            network.capture().note(name() + ": lost: the time to live is over");
            tell(packet, IcmpError.TIME_EXCEEDED, 0, 0);
            packet.release();
        } else {
            // RFC 1812, 5.3.1: each hop takes one off the TTL, the upper octet of this word.
            int word = packet.getUnsignedShort(start + TTL);
            PacketEdits.setHeaderWord(packet, TTL, word - 0x100);
            forward(packet);
        }
    }

    @Override
    void sendError(ByteBuf error) {
        forward(error);
    }
}
