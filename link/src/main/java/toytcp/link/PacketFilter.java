package toytcp.link;

import toytcp.codec.IcmpError;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/// The classic BPF programs that let a raw socket see only the packets of claimed ports, and another one the
/// ICMP errors about packets from them.
///
/// A raw socket gets a copy of every packet of its protocol. The kernel runs the program on each, before it
/// is queued, from the first octet of the IP header on. What it refuses costs us nothing.
final class PacketFilter {
    /// `BPF_MAXINSNS`.
    static final int MAX_INSTRUCTIONS = 4096;

    private static final int LOAD_OCTET = 0x30;
    private static final int LOAD_SHORT = 0x28;
    private static final int LOAD_INT = 0x20;
    private static final int LOAD_INT_BEHIND_X = 0x40;
    private static final int LOAD_SHORT_BEHIND_X = 0x48;
    private static final int LOAD_OCTET_BEHIND_X = 0x50;
    private static final int LOAD_STORED = 0x60;
    private static final int STORE = 0x02;
    private static final int SHIFT_LEFT = 0x64;
    private static final int ADD_X = 0x0c;
    private static final int MOVE_TO_X = 0x07;
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
    private static final int SOURCE_FIELD = 12;
    private static final int FRAGMENT_OFFSET = 0x1fff;

    /// Where the header of an ICMP message ends, and the quoted packet begins.
    private static final int QUOTE = 8;

    private long[] program = new long[64];
    private int size;

    /// Whether it is the quoted packets of ICMP errors that are looked at.
    private final boolean quoted;

    private PacketFilter(boolean quoted) {
        this.quoted = quoted;
    }

    /// The program for these claims, [merged][PortClaim#merged] ones: an instruction is a `struct sock_filter` read as a
    /// little-endian `long`.
    ///
    /// @throws IOException if so many separate port ranges are claimed that the kernel would refuse
    static long[] program(List<PortClaim> claims) throws IOException {
        return program(claims, new PacketFilter(false));
    }

    /// The program for ICMP errors that quote a TCP segment from one of these claims. Other programs' errors
    /// pass only where the kernel has sockets of its own on claimed networks: who owns a segment is not in it.
    ///
    /// @throws IOException if so many separate port ranges are claimed that the kernel would refuse
    static long[] errors(List<PortClaim> claims) throws IOException {
        return program(claims, new PacketFilter(true));
    }

    private static long[] program(List<PortClaim> claims, PacketFilter filter) throws IOException {
        if (!claims.isEmpty()) {
            if (filter.quoted) {
                filter.acceptOnlyErrorsAboutTcp();
            } else {
                filter.acceptOnlyWholeTcpPackets();
            }
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

    /// Leaves the quoted source address in the store, and in X where the quoted TCP header begins, less
    /// [#QUOTE].
    private void acceptOnlyErrorsAboutTcp() {
        add(LOAD_SHORT, 0, 0, FRAGMENT_FIELD);
        add(JUMP_IF_ANY_BIT, 0, 1, MORE_FRAGMENTS_OR_OFFSET);
        add(RETURN, 0, 0, NOTHING);
        add(LOAD_HEADER_LENGTH_TO_X, 0, 0, 0);
        add(LOAD_OCTET_BEHIND_X, 0, 0, 0);
        add(JUMP_IF_EQUAL, 3, 0, IcmpError.UNREACHABLE);
        add(JUMP_IF_EQUAL, 2, 0, IcmpError.TIME_EXCEEDED);
        add(JUMP_IF_EQUAL, 1, 0, IcmpError.PARAMETER_PROBLEM);
        add(RETURN, 0, 0, NOTHING);
        add(LOAD_OCTET_BEHIND_X, 0, 0, QUOTE + PROTOCOL_FIELD);
        add(JUMP_IF_EQUAL, 1, 0, LinuxSockets.IPPROTO_TCP);
        add(RETURN, 0, 0, NOTHING);
        add(LOAD_SHORT_BEHIND_X, 0, 0, QUOTE + FRAGMENT_FIELD);
        add(JUMP_IF_ANY_BIT, 0, 1, FRAGMENT_OFFSET);
        add(RETURN, 0, 0, NOTHING);
        add(LOAD_INT_BEHIND_X, 0, 0, QUOTE + SOURCE_FIELD);
        add(STORE, 0, 0, 0);
        add(LOAD_OCTET_BEHIND_X, 0, 0, QUOTE);
        add(AND, 0, 0, 0xf);
        add(SHIFT_LEFT, 0, 0, 2);
        add(ADD_X, 0, 0, 0);
        add(MOVE_TO_X, 0, 0, 0);
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
        boolean typed = first.shared() && !quoted;
        if (!first.isWildcard()) {
            add(quoted ? LOAD_STORED : LOAD_INT, 0, 0, quoted ? 0 : DESTINATION_FIELD);
            add(AND, 0, 0, first.mask());
            add(JUMP_IF_EQUAL, 1, 0, first.address());
            add(JUMP, 0, 0, ports + (typed ? INSTRUCTIONS_FOR_SHARED : 0));
        }
        if (typed) {
            add(LOAD_OCTET, 0, 0, PACKET_TYPE);
            add(JUMP_IF_EQUAL, 1, 0, InterceptRules.OTHER_HOST);
            add(JUMP, 0, 0, ports);
        }
        add(LOAD_SHORT_BEHIND_X, 0, 0, quoted ? QUOTE : DESTINATION_PORT_FIELD);
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
