package toytcp.link;

import java.io.IOException;
import java.net.BindException;
import java.util.ArrayList;
import java.util.List;

/// Ports that nobody else can take while we have them.
///
/// A reservation is a kernel socket that is bound to the port but does not listen: the kernel and
/// other programs then cannot take the port, and it answers nothing by itself.
final class PortReservations {
    private final List<Reservation> held = new ArrayList<>();

    /// Reserves a port that nobody has, nor we ourselves.
    ///
    /// @param address in network order; 0 for all
    /// @throws BindException if the port is not free, or the address not here; the message has the
    ///     remedy
    /// @throws IOException if the kernel gives no socket
    Reservation reserve(int address, int port) throws IOException {
        Reservation reservation = new Reservation(address, port, bind(address, port));
        held.add(reservation);
        return reservation;
    }

    /// As [#reserve], but if we have the port already, that reservation serves both.
    Reservation share(int address, int port) throws IOException {
        for (Reservation reservation : held) {
            if (reservation.covers(address, port)) {
                reservation.users++;
                return reservation;
            }
        }
        return reserve(address, port);
    }

    /// Whether nobody has the port now, nor we ourselves.
    boolean isFree(int address, int port) throws IOException {
        try {
            LinuxSockets.close(bind(address, port));
            return true;
        } catch (BindException _) {
            return false;
        }
    }

    /// Takes back one [#reserve] or [#share].
    void release(Reservation reservation) {
        reservation.users--;
        if (reservation.users == 0) {
            held.remove(reservation);
            LinuxSockets.close(reservation.socket);
        }
    }

    void release(List<Reservation> reservations) {
        reservations.forEach(this::release);
    }

    /// Takes back all.
    void close() {
        for (Reservation reservation : held) {
            LinuxSockets.close(reservation.socket);
        }
        held.clear();
    }

    private static int bind(int address, int port) throws IOException {
        int type = LinuxSockets.SOCK_STREAM | LinuxSockets.SOCK_CLOEXEC;
        int socket = LinuxSockets.socket(LinuxSockets.AF_INET, type, 0);
        if (socket < 0) {
            throw new IOException("cannot reserve a port: " + Errno.name(-socket));
        }
        // Without SO_REUSEADDR: with it, another program could take the port from a socket that
        // does not listen.
        int result = LinuxSockets.bind(socket, address, port);
        if (result < 0) {
            LinuxSockets.close(socket);
            throw refused(address, port, -result);
        }
        return socket;
    }

    private static BindException refused(int address, int port, int errno) {
        String endpoint = Ipv4.text(address) + ":" + port;
        return new BindException(
                switch (errno) {
                    case Errno.EADDRINUSE ->
                            "Address already in use: "
                                    + endpoint
                                    + " belongs to another socket; see which with: ss -tanp"
                                    + " 'sport = :"
                                    + port
                                    + "' (the stack of another process is not shown there)";
                    case Errno.EADDRNOTAVAIL ->
                            "Cannot assign requested address: "
                                    + endpoint
                                    + " is not on this machine or network namespace; see: ip addr";
                    case Errno.EACCES ->
                            "Permission denied: port "
                                    + port
                                    + " takes CAP_NET_BIND_SERVICE; choose a port from 1024 on, or"
                                    + " run as root, or allow it to all with: sysctl -w"
                                    + " net.ipv4.ip_unprivileged_port_start="
                                    + port;
                    default -> "cannot reserve " + endpoint + ": " + Errno.name(errno);
                });
    }

    /// One port of one address, or of all; shared by as many as asked for it.
    static final class Reservation {
        private final int address;
        private final int port;
        private final int socket;
        private int users = 1;

        private Reservation(int address, int port, int socket) {
            this.address = address;
            this.port = port;
            this.socket = socket;
        }

        private boolean covers(int wanted, int wantedPort) {
            return port == wantedPort && (address == wanted || address == 0 || wanted == 0);
        }
    }
}
