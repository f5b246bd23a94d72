package toytcp.stack.channel;

import toytcp.stack.channel.Watch.End;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// One way to close: who does it, how, in which moment, on which event loop, over which wire.
record ClosingCase(Who who, How how, When when, Where where, Line line) {
    enum Who {
        CLIENT,
        SERVER,
        BOTH,
        LINK
    }

    enum How {
        CLOSE,
        SHUTDOWN_OUTPUT_FIRST,
        LINGER_ZERO,
        LINGER_5_S,
        DEREGISTERED,
        LOOP_SHUT_DOWN
    }

    enum When {
        BIND_UNDER_WAY,
        BEFORE_CONNECT,
        BOUND,
        CONNECT_UNDER_WAY,
        SYN_UNDER_WAY,
        SYN_ACK_UNDER_WAY,
        RST_UNDER_WAY,
        ANSWERED_IN_THIS_TURN,
        ANSWER_CROSSES_CLOSE,
        PENDING,
        DECISION_UNDER_WAY,
        NOT_ACCEPTED_YET,
        ACTIVE,
        DATA_UNDER_WAY,
        DATA_CROSS_CLOSE,
        UNREAD_HERE,
        UNREAD_THERE,
        UNSENT,
        FILE_REGION,
        HALF_CLOSED_BY_PEER,
        TLS_HANDSHAKE,
        TLS_TRANSFER;

        /// Whether the server has a channel for the connection.
        boolean hasChild() {
            return ordinal() >= ACTIVE.ordinal();
        }

        boolean isTls() {
            return this == TLS_HANDSHAKE || this == TLS_TRANSFER;
        }
    }

    enum Where {
        LINKS_LOOP,
        OTHER_LOOP
    }

    enum Line {
        CLEAN,
        LOSSY,
        DEAD_AFTERWARDS
    }

    /// Every combination that means something.
    static List<ClosingCase> all() {
        List<ClosingCase> cases = new ArrayList<>();
        for (Who who : Who.values()) {
            for (How how : hows(who)) {
                for (When when : When.values()) {
                    if (!means(who, how, when)) {
                        continue;
                    }
                    for (Where where : Where.values()) {
                        for (Line line : lines(who)) {
                            cases.add(new ClosingCase(who, how, when, where, line));
                        }
                    }
                }
            }
        }
        return cases;
    }

    /// A link has neither a linger time nor directions.
    private static Set<How> hows(Who who) {
        return who == Who.LINK
                ? EnumSet.of(How.CLOSE, How.LOOP_SHUT_DOWN)
                : EnumSet.allOf(How.class);
    }

    /// Without links no wire matters.
    private static Set<Line> lines(Who who) {
        return who == Who.LINK ? EnumSet.of(Line.CLEAN) : EnumSet.allOf(Line.class);
    }

    /// What is bound under way is the listener's port. A listener has neither a linger time nor directions, and where it is, nothing is refused.
    private static boolean means(Who who, How how, When when) {
        if (when == When.BIND_UNDER_WAY && who == Who.CLIENT) {
            return false;
        }
        if (when == When.RST_UNDER_WAY) {
            return who != Who.SERVER && who != Who.BOTH;
        }
        boolean listener = who == Who.SERVER && !when.hasChild();
        return !listener || !EnumSet.range(How.SHUTDOWN_OUTPUT_FIRST, How.LINGER_5_S).contains(how);
    }

    /// Whether the shutdown of the event loop takes the link along.
    boolean takesLink() {
        return who == Who.LINK || how == How.LOOP_SHUT_DOWN && where == Where.LINKS_LOOP;
    }

    /// How the other side, if only one closes, may see the connection end.
    Set<End> expected() {
        if (takesLink() || line == Line.DEAD_AFTERWARDS) {
            // Silence, noticed only by who has something to send, and by the timeouts of TLS.
            return when.isTls()
                    ? EnumSet.of(End.NOTHING, End.TIMED_OUT, End.FIN)
                    : EnumSet.of(End.NOTHING, End.TIMED_OUT);
        }
        Set<End> ends = onCleanWire();
        if (line == Line.LOSSY && ends.contains(End.RST)) {
            // RFC 9293, 3.5.3: nobody acknowledges a RST, so nobody sends it again.
            ends.add(End.NOTHING);
            ends.add(End.TIMED_OUT);
        }
        return ends;
    }

    private Set<End> onCleanWire() {
        if (when.isTls()) {
            // It depends on whether octets were unread, or came after the close.
            return EnumSet.of(End.FIN, End.RST);
        }
        if (!when.hasChild()) {
            Set<End> ends = EnumSet.of(who == Who.SERVER ? toClient() : toServer());
            if (line == Line.LOSSY && how == How.DEREGISTERED) {
                // The handshake did not get on in the meantime.
                ends.add(End.NOTHING);
            }
            return ends;
        }
        if (when == When.DATA_CROSS_CLOSE) {
            return dataCross();
        }
        boolean unread =
                when == When.UNREAD_HERE || when == When.DATA_UNDER_WAY && how == How.DEREGISTERED;
        // RFC 9293, 3.10.5 and 3.6.1; RFC 2525, 2.17.
        return EnumSet.of(how == How.LINGER_ZERO || unread ? End.RST : End.FIN);
    }

    /// On another loop that runs on, the connection has the data before it hears of the close, else just
    /// after it: then a kernel sends FIN and RST in one moment.
    private Set<End> dataCross() {
        boolean handedOver = where == Where.OTHER_LOOP && how != How.LOOP_SHUT_DOWN;
        boolean before = handedOver || meanwhile() || how == How.LINGER_ZERO;
        return before ? EnumSet.of(End.RST) : EnumSet.of(End.FIN, End.RST);
    }

    /// The listener closes: who is half open, or not accepted yet, is reset (as in Linux).
    private End toClient() {
        return switch (when) {
            case CONNECT_UNDER_WAY, SYN_UNDER_WAY -> meanwhile() ? End.RST : End.NOTHING;
            case SYN_ACK_UNDER_WAY,
                    DECISION_UNDER_WAY,
                    ANSWERED_IN_THIS_TURN,
                    ANSWER_CROSSES_CLOSE,
                    NOT_ACCEPTED_YET ->
                    End.RST;
            default -> End.NOTHING;
        };
    }

    /// Without a connection in the eyes of the client a close takes the SYN back, and a SYN,ACK calls
    /// forth a RST; else it is closed as any other.
    private End toServer() {
        boolean established =
                switch (when) {
                    case ANSWERED_IN_THIS_TURN -> true;
                    case ANSWER_CROSSES_CLOSE ->
                            where == Where.OTHER_LOOP && how != How.LOOP_SHUT_DOWN || meanwhile();
                    case CONNECT_UNDER_WAY, SYN_UNDER_WAY, SYN_ACK_UNDER_WAY, DECISION_UNDER_WAY ->
                            meanwhile();
                    default -> false;
                };
        if (!established) {
            return End.NOTHING;
        }
        return how == How.LINGER_ZERO ? End.RST : End.FIN;
    }

    /// Who leaves the event loop first gives the handshake the time that it needs.
    private boolean meanwhile() {
        return how == How.DEREGISTERED;
    }
}
