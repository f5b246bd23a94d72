package toytcp.link;

import io.netty.buffer.ByteBuf;

import java.io.IOException;
import java.net.NoRouteToHostException;

/// What the writer of a packet is told when the kernel does not take it.
final class SendErrors {
    private static final int DESTINATION_FIELD = 16;

    private SendErrors() {}

    static UnsupportedOperationException notAPacket(Object message) {
        return new UnsupportedOperationException(
                "a raw socket sends IPv4 packets in ByteBufs, not "
                        + message.getClass().getName()
                        + "; an encoder is missing in the pipeline of the link");
    }

    static IOException badLength(ByteBuf packet) {
        return new IOException(
                "an IPv4 packet has "
                        + PacketSender.MIN_PACKET
                        + " to "
                        + PacketSender.MAX_PACKET
                        + " octets, this message has "
                        + packet.readableBytes());
    }

    static IOException explain(int errno, ByteBuf packet) {
        String to = Ipv4.text(packet.getInt(packet.readerIndex() + DESTINATION_FIELD));
        String what =
                "cannot send a packet of "
                        + packet.readableBytes()
                        + " octets to "
                        + to
                        + " ("
                        + Errno.name(errno)
                        + "): ";
        return switch (errno) {
            case Errno.EMSGSIZE ->
                    new IOException(
                            what
                                    + "it is larger than the MTU of the device, and a raw socket"
                                    + " does not fragment; see: ip route get "
                                    + to);
            case Errno.EPERM ->
                    new IOException(
                            what
                                    + "a firewall rule of this machine drops it; see: nft list"
                                    + " ruleset. A rule against the kernel's RSTs must spare"
                                    + " packets with the mark "
                                    + markText()
                                    + ", and to set that mark takes CAP_NET_ADMIN (since Linux"
                                    + " 5.17 CAP_NET_RAW suffices)");
            case Errno.EACCES ->
                    new IOException(what + "it is a broadcast address or a prohibited route");
            case Errno.EINVAL -> new IOException(what + "its IP header is not valid");
            case Errno.ENETUNREACH, Errno.EHOSTUNREACH, Errno.ENETDOWN ->
                    new NoRouteToHostException(what + "no way there; see: ip route get " + to);
            default -> new IOException(what + "the kernel refused it");
        };
    }

    /// The mark as `nft` prints it.
    static String markText() {
        return "0x" + Integer.toHexString(RawSocket.MARK);
    }
}
