package toytcp.link;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.List;

/// The steps that make a raw IPv4 TCP socket, each with the error message a user can act on.
final class RawSocket {
    /// The mark (`SO_MARK`) of all packets we send: "toyt". It tells our RSTs from the kernel's.
    static final int MARK = 0x746f7974;

    /// The kernel hands over super-segments of 64 KB, and counts twice their size.
    static final int DEFAULT_RECEIVE_BUFFER = 4 << 20;

    private static final String PERMISSION =
            "Operation not permitted: a raw socket needs the capability CAP_NET_RAW. Run the"
                + " program as root (sudo java ..., in a network namespace: sudo ip netns exec NAME"
                + " java ...), or as yourself with two capabilities and no more: sudo setpriv"
                + " --reuid=$USER --regid=$(id -g) --init-groups --inh-caps=+net_raw,+net_admin"
                + " --ambient-caps=+net_raw,+net_admin java ... (setcap on the java binary would"
                + " give them to every Java program)";

    private RawSocket() {}

    /// A non-blocking raw TCP socket that delivers nothing until it gets a filter with claims in it.
    static int open() throws IOException {
        int fd = open(LinuxSockets.IPPROTO_TCP);
        try {
            attachFilter(fd, PacketFilter.program(List.of()));
            check(
                    LinuxSockets.setOption(fd, LinuxSockets.SOL_IP, LinuxSockets.IP_HDRINCL, 1),
                    "IP_HDRINCL");
            // Or the kernel, too, would believe ICMP errors about our packets, without the checks
            // of RFC 5927,
            // and refuse larger ones before they reach the interface.
            check(
                    LinuxSockets.setOption(
                            fd,
                            LinuxSockets.SOL_IP,
                            LinuxSockets.IP_MTU_DISCOVER,
                            LinuxSockets.IP_PMTUDISC_INTERFACE),
                    "IP_MTU_DISCOVER");
            setReceiveBuffer(fd, DEFAULT_RECEIVE_BUFFER);
            // Refused without CAP_NET_ADMIN before Linux 5.17. Then no reset guard can be set up
            // either, and the guard's warning says what that means.
            LinuxSockets.setOption(fd, LinuxSockets.SOL_SOCKET, LinuxSockets.SO_MARK, MARK);
            return fd;
        } catch (IOException | RuntimeException e) {
            LinuxSockets.close(fd);
            throw e;
        }
    }

    /// A non-blocking raw ICMP socket that delivers nothing until it gets a filter with claims in it.
    static int openForErrors() throws IOException {
        int fd = open(LinuxSockets.IPPROTO_ICMP);
        try {
            attachFilter(fd, PacketFilter.errors(List.of()));
            return fd;
        } catch (IOException | RuntimeException e) {
            LinuxSockets.close(fd);
            throw e;
        }
    }

    private static int open(int protocol) throws IOException {
        int type = LinuxSockets.SOCK_RAW | LinuxSockets.SOCK_NONBLOCK | LinuxSockets.SOCK_CLOEXEC;
        int fd = LinuxSockets.socket(LinuxSockets.AF_INET, type, protocol);
        if (fd < 0) {
            throw new SocketException(
                    fd == -Errno.EPERM
                            ? PERMISSION
                            : "no raw socket can be opened: " + Errno.name(-fd));
        }
        return fd;
    }

    /// The address that a link is asked to bind to.
    ///
    /// @throws SocketException if it is none that a link can be bound to
    static Inet4Address checkLocalAddress(SocketAddress address) throws SocketException {
        if (!(address instanceof InetSocketAddress inet)) {
            throw new SocketException("a raw socket is bound to an IPv4 address, not " + address);
        }
        if (inet.isUnresolved()) {
            throw new SocketException("no address is known for " + inet.getHostString());
        }
        if (inet.getPort() != 0) {
            throw new SocketException(
                    "a raw socket has no port, so bind it to port 0, not to "
                            + inet.getPort()
                            + "; ports belong to the channels of the stack");
        }
        if (inet.getAddress() instanceof Inet4Address v4) {
            return v4;
        }
        if (inet.getAddress().isAnyLocalAddress()) {
            return (Inet4Address) Ipv4.toAddress(0); // new InetSocketAddress(0) is often [::]
        }
        throw new SocketException(
                "this link carries IPv4 only and cannot be bound to "
                        + inet.getAddress().getHostAddress());
    }

    /// @param address in network order; 0 for all local addresses
    static void bind(int fd, int address) throws IOException {
        int result = LinuxSockets.bind(fd, address, 0);
        if (result == -Errno.EADDRNOTAVAIL) {
            String text = Ipv4.text(address);
            throw new BindException(
                    "Cannot assign requested address: "
                            + text
                            + " is no address of this machine or network namespace; see: ip addr;"
                            + " add it with: ip addr add "
                            + text
                            + "/24 dev DEVICE");
        }
        if (result < 0) {
            throw new BindException(
                    "cannot bind to " + Ipv4.text(address) + ": " + Errno.name(-result));
        }
    }

    static void attachFilter(int fd, long[] program) throws IOException {
        int result = LinuxSockets.attachFilter(fd, program);
        if (result == -Errno.ENOMEM) {
            throw new SocketException(
                    "the kernel has no room for a packet filter of "
                            + program.length
                            + " instructions; allow more with: sysctl -w"
                            + " net.core.optmem_max=131072");
        }
        check(result, "SO_ATTACH_FILTER");
    }

    /// As much as asked for if we have CAP_NET_ADMIN, else as much as `net.core.rmem_max` allows.
    static void setReceiveBuffer(int fd, int octets) throws IOException {
        int level = LinuxSockets.SOL_SOCKET;
        if (LinuxSockets.setOption(fd, level, LinuxSockets.SO_RCVBUFFORCE, octets) < 0) {
            check(LinuxSockets.setOption(fd, level, LinuxSockets.SO_RCVBUF, octets), "SO_RCVBUF");
        }
    }

    static void setSendBuffer(int fd, int octets) throws IOException {
        check(
                LinuxSockets.setOption(fd, LinuxSockets.SOL_SOCKET, LinuxSockets.SO_SNDBUF, octets),
                "SO_SNDBUF");
    }

    static SocketException readError(int errno) {
        return new SocketException("reading packets failed: " + Errno.name(errno));
    }

    private static void check(int result, String option) throws SocketException {
        if (result < 0) {
            throw new SocketException("cannot set " + option + ": " + Errno.name(-result));
        }
    }
}
