package toytcp.testkit.net;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import toytcp.testkit.PacketEdits;

/// A packet on its way through a line, with what is decided of its fate.
final class Transit {
    final int octets;
    final ByteBuf packet;
    boolean lost;
    boolean twice;
    boolean late;

    /// Which octet arrives changed, 0 to less than 1; negative for none.
    double damagedAt = -1;

    /// Beside the delay of the line.
    long extraNanos;

    long waitsSinceNanos;

    private boolean marked;

    Transit(ByteBuf packet) {
        this.packet = packet;
        octets = packet.readableBytes();
    }

    /// Marks the packet, if it is ECN-capable.
    ///
    /// @return whether it is
    boolean mark() {
        marked |= PacketEdits.mark(packet);
        return marked;
    }

    /// What will happen to it on the line, for the log; null if nothing.
    @Nullable String fate() {
        if (lost) {
            return "lost";
        }
        boolean damaged = damagedAt >= 0;
        if (!damaged && !twice && !late) {
            return null;
        }
        StringBuilder fate = new StringBuilder();
        fate.append(damaged ? " damaged" : "");
        fate.append(twice ? " twice" : "");
        fate.append(late ? " late" : "");
        return fate.substring(1);
    }
}
