package toytcp.stack.ip;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;

/// What a stack asks of the link below it, beyond carrying IP packets as `ByteBuf` messages.
///
/// A channel that implements this interface is asked; for any other channel (an `EmbeddedChannel`,
/// a user's tunnel) the stack uses the values of its builder. All methods are called on the event
/// loop of the link.
public interface PacketLink {
    /// Whether packets may arrive whose TCP checksum covers the pseudo-header only, because they
    /// never left this machine and the sender's offload left the rest to hardware that never came.
    boolean deliversPartialChecksums();

    /// Whether somebody else, such as a kernel, answers on our addresses too: then a segment for a port that this
    /// stack has nothing to do with is theirs, and gets no answer from here.
    default boolean sharesAddresses() {
        return true;
    }

    /// How packets to `destination` leave: the source address and the largest IP packet.
    ///
    /// @throws IOException if there is no route; the message says which and what to try
    Route route(InetAddress destination) throws IOException;

    /// A connection to `destination` sends the same again and again and gets no answer: the router on the way
    /// may be dead, and the link may look for another (RFC 1122, 3.3.1.4 and 3.3.1.5; RFC 9293, 3.8.3,
    /// MUST-20 (b)). Once for each time that this begins.
    ///
    /// A link that shares its routes with a kernel has nothing to do: the kernel finds out by itself whether
    /// its neighbours are there.
    default void negativeAdvice(InetAddress destination) {}

    /// Local ports that the stack on this link may use for active opens, beside those that it got here
    /// before: none that the kernel hands out itself, or that another stack has, on the same address.
    /// They are the stack's until it [gives them back][#giveBack]; it [claims][#claim] them before it
    /// uses one.
    ///
    /// Asked for at the first active open, and again whenever one finds all of them busy towards its
    /// remote end. That open waits for it, and the event loop with it: what is asked for grows from
    /// 512 ports to 2048, so that it is seldom. A link with one range only may give it again: nothing
    /// new is as good as an exception.
    ///
    /// @param wanted how many ports are to be given if possible; they may be more or fewer
    /// @throws BindException if there are no more; the message says why and what to do
    /// @throws IOException if the link cannot tell
    PortRange ephemeralPorts(int wanted) throws IOException;

    /// Takes back what [#ephemeralPorts] gave; others may have it now.
    default void giveBack(PortRange ports) {}

    /// Tells the link that this stack serves `ports` of `address` from now on: packets for them are
    /// delivered, and the kernel is kept from answering them.
    ///
    /// @param address a local address, or the wildcard address for all of them
    /// @throws java.net.BindException if the kernel or another program has one of the ports
    /// @throws IOException if the link cannot serve them; the message says what to do
    void claim(InetAddress address, PortRange ports) throws IOException;

    /// Takes back one [#claim]; unknown claims are ignored.
    void release(InetAddress address, PortRange ports);

    /// Tells the link that this stack accepts connections to `ports` of all `destinations`, for a
    /// listener on a [ListenAddress][toytcp.stack.channel.ListenAddress]: packets for them are delivered,
    /// as far as they reach this link at all, whether or not the stack has these addresses.
    ///
    /// On a link that shares its addresses with a kernel, the kernel's own connections and listeners
    /// must go on as if nothing were asked. A link that cannot see to that refuses, as this default does.
    ///
    /// @param destinations a network without host bits; the one of length 0 for whatever arrives
    /// @throws java.net.BindException if the kernel or another program has the one port asked for
    /// @throws IOException if the link cannot serve them; the message says what to do
    default void intercept(IpPrefix destinations, PortRange ports) throws IOException {
        throw new BindException(
                "Cannot assign requested address: "
                        + destinations
                        + ": this link serves single addresses only; bind the listener to an"
                        + " InetSocketAddress, or use a link that implements PacketLink.intercept");
    }

    /// Takes back one [#intercept]; unknown ones are ignored.
    default void release(IpPrefix destinations, PortRange ports) {}

    /// A way to a destination.
    ///
    /// @param source the local address that packets carry
    /// @param mtu the largest IP packet, in octets, 68 to 65535
    record Route(InetAddress source, int mtu) {}

    /// Ports from `first` to `last`, both included.
    ///
    /// @param first 1 to 65535
    /// @param last `first` to 65535
    record PortRange(int first, int last) {
        /// @throws IllegalArgumentException if the range is empty or leaves 1 to 65535
        public PortRange {
            if (first < 1 || last > 65535 || first > last) {
                throw new IllegalArgumentException(
                        "a port range lies within 1 to 65535, got " + first + " to " + last);
            }
        }

        /// The range that holds `port` alone.
        public static PortRange of(int port) {
            return new PortRange(port, port);
        }

        /// How many ports there are.
        public int size() {
            return last - first + 1;
        }

        /// Whether `port` is one of them.
        public boolean contains(int port) {
            return first <= port && port <= last;
        }
    }
}
