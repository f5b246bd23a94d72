package toytcp.link;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/// The classic BPF program that lets a raw socket see only the packets of claimed ports.
///
/// A raw TCP socket gets a copy of every TCP packet of the machine. The kernel runs this program on
/// each, before it is queued, from the first octet of the IP header on. What it refuses costs us
/// nothing.
final class PacketFilter {
    /// `BPF_MAXINSNS`.
    static final int MAX_INSTRUCTIONS = 4096;

    private static final int LOAD_OCTET = 0x30;
    private static final int LOAD_SHORT = 0x28;
    private static final int LOAD_INT = 0x20;
    private static final int LOAD_SHORT_BEHIND_X = 0x48;
    private static final int LOAD_HEADER_LENGTH_TO_X = 0xb1;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_IF_GREATER = 0x25;
    private static final int JUMP_IF_GREATER_OR_EQUAL = 0x35;
    private static final int JUMP_IF_ANY_BIT = 0x45;
    private static final int JUMP = 0x05;
    private static final int RETURN = 0x06;
    private static final int AND = 0x54;
    private static final int INSTRUCTIONS_PER_CLAIM = 3;
    private static final int INSTRUCTIONS_FOR_SHARED = 3;

    /// `SKF_AD_OFF + SKF_AD_PKTTYPE`: not in the packet, but what the kernel knows of it.
    private static final int PACKET_TYPE = -0x1000 + 4;

    private static final int WHOLE_PACKET = -1;
    private static final int NOTHING = 0;

    private static final int FRAGMENT_FIELD = 6;
    private static final int MORE_FRAGMENTS_OR_OFFSET = 0x3fff;
    private static final int PROTOCOL_FIELD = 9;
    private static final int DESTINATION_FIELD = 16;
    private static final int DESTINATION_PORT_FIELD = 2;

    private long[] program = new long[64];
    private int size;

    private PacketFilter() {}

    /// The program for these claims, [merged][PortClaim#merged] ones: an instruction is a `struct sock_filter` read as a
    /// little-endian `long`.
    ///
    /// @throws IOException if so many separate port ranges are claimed that the kernel would refuse
    static long[] program(List<PortClaim> claims) throws IOException {
        PacketFilter filter = new PacketFilter();
        if (!claims.isEmpty()) {
            filter.acceptOnlyWholeTcpPackets();
            int from = 0;
            while (from < claims.size()) {
                from = filter.acceptPortsOfOneAddress(claims, from);
            }
        }
        filter.add(RETURN, 0, 0, NOTHING);
        if (filter.size > MAX_INSTRUCTIONS) {
            throw new IOException(
                    "too many separate port ranges on one link ("
                            + claims.size()
                            + "): close some server channels, give them adjacent ports,"
                            + " or open another link");
        }
        return Arrays.copyOf(filter.program, filter.size);
    }

    private void acceptOnlyWholeTcpPackets() {
        add(LOAD_OCTET, 0, 0, PROTOCOL_FIELD);
        add(JUMP_IF_EQUAL, 1, 0, LinuxSockets.IPPROTO_TCP);
        add(RETURN, 0, 0, NOTHING);
        add(LOAD_SHORT, 0, 0, FRAGMENT_FIELD);
        add(JUMP_IF_ANY_BIT, 0, 1, MORE_FRAGMENTS_OR_OFFSET);
        add(RETURN, 0, 0, NOTHING);
        // With IP options the TCP header starts later: X = 4 * (octet 0 & 0xf).
        add(LOAD_HEADER_LENGTH_TO_X, 0, 0, 0);
    }

    /// @return the index of the first claim of other addresses
    private int acceptPortsOfOneAddress(List<PortClaim> claims, int from) {
        PortClaim first = claims.get(from);
        int to = from + 1;
        while (to < claims.size() && claims.get(to).hasSameAddresses(first)) {
            to++;
        }
        // Conditional jumps skip at most 255 instructions, so these skip by as many as there are.
        int ports = 1 + (to - from) * INSTRUCTIONS_PER_CLAIM;
        if (!first.isWildcard()) {
            add(LOAD_INT, 0, 0, DESTINATION_FIELD);
            add(AND, 0, 0, first.mask());
            add(JUMP_IF_EQUAL, 1, 0, first.address());
            add(JUMP, 0, 0, ports + (first.shared() ? INSTRUCTIONS_FOR_SHARED : 0));
        }
        if (first.shared()) {
            add(LOAD_OCTET, 0, 0, PACKET_TYPE);
            add(JUMP_IF_EQUAL, 1, 0, InterceptRules.OTHER_HOST);
            add(JUMP, 0, 0, ports);
        }
        add(LOAD_SHORT_BEHIND_X, 0, 0, DESTINATION_PORT_FIELD);
        for (int i = from; i < to; i++) {
            add(JUMP_IF_GREATER_OR_EQUAL, 0, 2, claims.get(i).ports().first());
            add(JUMP_IF_GREATER, 1, 0, claims.get(i).ports().last());
            add(RETURN, 0, 0, WHOLE_PACKET);
        }
        return to;
    }

    private void add(int code, int ifTrue, int ifFalse, int operand) {
        if (size == program.length) {
            program = Arrays.copyOf(program, 2 * size);
        }
        program[size++] = code | (long) ifTrue << 16 | (long) ifFalse << 24 | (long) operand << 32;
    }
}
