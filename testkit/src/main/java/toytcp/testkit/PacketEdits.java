package toytcp.testkit;

import io.netty.buffer.ByteBuf;

import toytcp.codec.EcnField;
import toytcp.codec.InternetChecksum;

/// What lines and routers do to whole IPv4 packets.
public final class PacketEdits {
    private static final int CHECKSUM = 10;

    private PacketEdits() {}

    /// Changes one octet: the Internet checksum finds each such change.
    ///
    /// @param packet stays as it is, and is released
    /// @param where which octet, and how it changes: 0 to less than 1
    /// @return a copy, which the caller owns
    public static ByteBuf damaged(ByteBuf packet, double where) {
        ByteBuf copy = packet.copy();
        packet.release();
        double position = where * copy.readableBytes();
        int index = copy.readerIndex() + (int) position;
        int change = 1 + (int) ((position - (int) position) * 255);
        copy.setByte(index, copy.getByte(index) ^ change);
        return copy;
    }

    /// Marks a packet as one that met congestion, if it is ECN-capable (RFC 3168, 5).
    ///
    /// @return whether it is
    public static boolean mark(ByteBuf packet) {
        int first = packet.getUnsignedShort(packet.readerIndex());
        if ((first & EcnField.MASK) == EcnField.NOT_ECT) {
            return false;
        }
        setHeaderWord(packet, 0, first | EcnField.CE);
        return true;
    }

    /// Changes two octets of the IP header, and its checksum accordingly (RFC 1624, equation 3).
    ///
    /// @param offset an even offset in the header
    /// @param after the new value, 0 to 65535
    public static void setHeaderWord(ByteBuf packet, int offset, int after) {
        int start = packet.readerIndex();
        int before = packet.getUnsignedShort(start + offset);
        int checksum = packet.getUnsignedShort(start + CHECKSUM);
        int sum = InternetChecksum.add(~checksum & 0xffff, ~before & 0xffff);
        packet.setShort(start + offset, after);
        packet.setShort(
                start + CHECKSUM, InternetChecksum.complement(InternetChecksum.add(sum, after)));
    }
}
