package toytcp.link;

import toytcp.link.PortReservations.Reservation;
import toytcp.stack.ip.PacketLink.PortRange;

import java.io.IOException;
import java.net.BindException;
import java.util.ArrayList;
import java.util.List;

/// Blocks of ports that belong to this link alone as long as it has them.
///
/// Stacks in several processes share an address with each other and with the kernel's programs. The
/// first and the last port of a block, reserved like that of a listener, tell the others that it is
/// taken.
final class PortBlocks {
    private final PortReservations reservations;
    private final int address;
    private final List<Block> taken = new ArrayList<>();

    /// @param address of the ports, in network order; 0 for all
    PortBlocks(PortReservations reservations, int address) {
        this.reservations = reservations;
        this.address = address;
    }

    /// Takes blocks that lie side by side, from the first candidate on that is free.
    ///
    /// @param candidates blocks of [KernelPorts], with the best first
    /// @param wanted how many ports; less than this are taken if there are not more side by side
    /// @throws BindException if none is free; the message has the remedy
    PortRange take(List<PortRange> candidates, int wanted) throws IOException {
        PortRange run = null;
        for (PortRange candidate : candidates) {
            if (run != null && (run.size() >= wanted || !isBeside(run, candidate))) {
                break;
            }
            if (isTaken(candidate)) {
                continue;
            }
            if (tryTake(candidate, run != null)) {
                run = run == null ? candidate : span(run, candidate);
            } else if (run != null) {
                break;
            }
        }
        if (run == null) {
            throw noneFree(candidates);
        }
        return run;
    }

    /// Gives back what [#take] gave.
    void giveBack(PortRange run) {
        taken.removeIf(
                block -> {
                    boolean within = run.contains(block.ports.first());
                    if (within) {
                        reservations.release(block.reservations);
                    }
                    return within;
                });
    }

    /// Reserves of `ports` what tells others, whatever blocks they try, that somebody has them: the
    /// ends of each block, as far as they lie within, and the first port.
    ///
    /// @return the reservations, the caller's to release
    /// @throws BindException if somebody has one of the ports
    List<Reservation> mark(int claimed, PortRange ports, List<PortRange> candidates)
            throws IOException {
        List<Reservation> marks = new ArrayList<>();
        try {
            for (PortRange block : candidates) {
                int first = Math.max(block.first(), ports.first());
                if (first <= Math.min(block.last(), ports.last())) {
                    marks.add(reservations.share(claimed, first));
                    if (first != block.last() && ports.contains(block.last())) {
                        marks.add(reservations.share(claimed, block.last()));
                    }
                }
            }
        } catch (IOException e) {
            reservations.release(marks);
            throw e;
        }
        return marks;
    }

    private boolean isTaken(PortRange candidate) {
        for (Block block : taken) {
            if (block.ports.equals(candidate)) {
                return true;
            }
        }
        return false;
    }

    /// Takes the block if no program and no other stack has any of its ports.
    ///
    /// @param optional whether a kernel that gives no socket is as good as a block in use
    private boolean tryTake(PortRange ports, boolean optional) throws IOException {
        List<Reservation> ends = new ArrayList<>();
        boolean free = false;
        try {
            ends.add(reservations.reserve(address, ports.first()));
            ends.add(reservations.reserve(address, ports.last()));
            free = isFreeBetween(ports);
        } catch (BindException _) {
            // somebody has one of the ends
        } catch (IOException e) {
            if (!optional) {
                throw e;
            }
        } finally {
            if (!free) {
                reservations.release(ends);
            }
        }
        if (free) {
            taken.add(new Block(ports, ends));
        }
        return free;
    }

    private boolean isFreeBetween(PortRange ports) throws IOException {
        for (int port = ports.first() + 1; port < ports.last(); port++) {
            if (!reservations.isFree(address, port)) {
                return false;
            }
        }
        return true;
    }

    private BindException noneFree(List<PortRange> candidates) {
        String remedy =
                "leave more ports to stacks, by a narrower net.ipv4.ip_local_port_range or fewer"
                    + " net.ipv4.ip_local_reserved_ports (see: sysctl net.ipv4), or choose ports by"
                    + " TcpStack.builder().ephemeralPorts(first, last)";
        if (candidates.isEmpty()) {
            return new BindException(
                    "the kernel hands out nearly all ports from 1024 to 65535 itself, so none are"
                            + " left for this stack; "
                            + remedy);
        }
        return new BindException(
                "this and other stacks or programs on "
                        + Ipv4.text(address)
                        + " have ports in each of the "
                        + candidates.size()
                        + " blocks of "
                        + KernelPorts.BLOCK
                        + " ports outside the kernel's own range; end one of them, or "
                        + remedy);
    }

    private static boolean isBeside(PortRange run, PortRange block) {
        return block.first() == run.last() + 1 || block.last() + 1 == run.first();
    }

    private static PortRange span(PortRange run, PortRange block) {
        return new PortRange(
                Math.min(run.first(), block.first()), Math.max(run.last(), block.last()));
    }

    private record Block(PortRange ports, List<Reservation> reservations) {}
}
