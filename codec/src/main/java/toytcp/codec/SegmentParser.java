package toytcp.codec;

import java.util.Arrays;

/// Reads the text form of [SegmentFormat]: one parser for one text, from left to right.
final class SegmentParser {
    private static final long MAX_NUMBER = 0xffff_ffffL;
    private static final long MAX_SHORT = 0xffff;
    private static final long MAX_COUNTER = 0xff_ffff;

    private final String text;
    private final int seqBase;
    private final int ackBase;
    private final TcpSegment segment = new TcpSegment();
    private int at;

    SegmentParser(String text, int seqBase, int ackBase) {
        this.text = text;
        this.seqBase = seqBase;
        this.ackBase = ackBase;
    }

    SegmentFormat.Parsed parse() {
        boolean ecn = ecn();
        flags();
        int payloadLength = 0;
        boolean sequence = isDigit();
        if (sequence) {
            payloadLength = sequence();
        }
        boolean ack = keyword("ack");
        if (ack) {
            demand(TcpFlags.ACK, '.', "ack");
            segment.ack(ackBase + number(MAX_NUMBER));
        }
        boolean window = keyword("win");
        if (window) {
            segment.window(number(MAX_SHORT));
        }
        boolean urgent = keyword("urg");
        if (urgent) {
            demand(TcpFlags.URG, 'U', "urg");
            segment.urgentPointer(number(MAX_SHORT));
        }
        boolean options = symbol('<');
        if (options) {
            options();
        }
        if (at < text.length()) {
            throw expected(
                    options
                            ? "the end"
                            : "SEQ:END, ack N, win N, urg N and <OPTIONS> in this order, or the"
                                    + " end");
        }
        return new SegmentFormat.Parsed(
                segment, payloadLength, sequence, ack, window, urgent, options, ecn);
    }

    private boolean ecn() {
        skipSpaces();
        if (!symbol('[')) {
            return false;
        }
        int end = Math.max(at, text.indexOf(']', at));
        int codepoint = EcnField.parse(text.substring(at, end));
        if (codepoint < 0) {
            throw expected("Not-ECT, ECT0, ECT1 or CE, and ]");
        }
        at = end;
        demandSymbol(']');
        segment.ecn(codepoint);
        return true;
    }

    private void flags() {
        skipSpaces();
        int space = text.indexOf(' ', at);
        int end = space < 0 ? text.length() : space;
        if (text.substring(at, end).equals("-")) {
            at = end;
        } else {
            letters(end);
        }
        skipSpaces();
    }

    private void letters(int end) {
        if (at == end) {
            throw expectedFlags();
        }
        int next = 0;
        while (at < end) {
            int letter = SegmentFormat.LETTERS.indexOf(text.charAt(at), next);
            if (letter >= 0) {
                segment.flag(SegmentFormat.bit(letter));
                next = letter + 1;
            } else if (text.charAt(at) == '.' && at == end - 1) {
                segment.flag(TcpFlags.ACK);
            } else {
                throw expectedFlags();
            }
            at++;
        }
    }

    private IllegalArgumentException expectedFlags() {
        return expected("flags: letters of SFRPUEWe in this order, then . for ACK, or - for none");
    }

    private int sequence() {
        int from = number(MAX_NUMBER);
        demandSymbol(':');
        int endsAt = at;
        int length = number(MAX_NUMBER) - from;
        if (Integer.toUnsignedLong(length) > MAX_SHORT) {
            at = endsAt;
            throw expected(
                    "END = SEQ + octets of payload, at most 65535 (SYN and FIN not counted)");
        }
        segment.seq(seqBase + from);
        return length;
    }

    private void options() {
        if (symbol('>')) {
            return;
        }
        do {
            option();
        } while (symbol(','));
        demandSymbol('>');
    }

    private void option() {
        int start = at;
        boolean again;
        if (keyword("mss")) {
            again = segment.mss() != TcpSegment.ABSENT;
            segment.mss(number(MAX_SHORT));
        } else if (keyword("sackOK")) {
            again = segment.sackPermitted();
            segment.sackPermitted(true);
        } else if (keyword("TS")) {
            again = segment.hasTimestamps();
            timestamps();
        } else if (keyword("wscale")) {
            again = segment.windowScale() != TcpSegment.ABSENT;
            segment.windowScale(number(0xff));
        } else if (keyword("sack")) {
            again = segment.sackCount() > 0;
            sack();
        } else if (keyword("ECN")) {
            again = segment.accEcnFields() != TcpSegment.ABSENT;
            accEcn();
        } else {
            throw expected("mss N, sackOK, TS val N ecr N, wscale N, sack L:R or ECN e0b N");
        }
        if (again) {
            at = start;
            throw expected("each option once");
        }
    }

    private void timestamps() {
        demandKeyword("val");
        int val = number(MAX_NUMBER);
        demandKeyword("ecr");
        segment.timestamps(val, number(MAX_NUMBER));
    }

    private void sack() {
        int[] edges = new int[2 * TcpSegment.MAX_SACK_BLOCKS];
        int count = 0;
        do {
            if (count == edges.length) {
                throw expected("at most " + TcpSegment.MAX_SACK_BLOCKS + " blocks");
            }
            edges[count++] = ackBase + number(MAX_NUMBER);
            demandSymbol(':');
            edges[count++] = ackBase + number(MAX_NUMBER);
        } while (isDigit());
        segment.sack(Arrays.copyOf(edges, count));
    }

    private void accEcn() {
        boolean order1 = text.startsWith(SegmentFormat.ACC_ECN_1[0], at);
        String[] names = order1 ? SegmentFormat.ACC_ECN_1 : SegmentFormat.ACC_ECN_0;
        int[] values = new int[TcpSegment.MAX_ACC_ECN_FIELDS];
        int fields = 0;
        while (fields < values.length && keyword(names[fields])) {
            values[fields++] = number(MAX_COUNTER);
        }
        if (order1) {
            segment.accEcn1(fields, values[0], values[1], values[2]);
        } else {
            segment.accEcn0(fields, values[0], values[1], values[2]);
        }
    }

    private void demand(int flag, char letter, String keyword) {
        if (!segment.has(flag)) {
            at = text.lastIndexOf(keyword, at);
            throw expected("no " + keyword + ", because the flags have no '" + letter + "'");
        }
    }

    private int number(long max) {
        int start = at;
        long value = 0;
        while (isDigit() && value <= max) {
            value = 10 * value + text.charAt(at++) - '0';
        }
        if (at == start || value > max) {
            at = start;
            throw expected("a number from 0 to " + max);
        }
        skipSpaces();
        return (int) value;
    }

    private boolean isDigit() {
        return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
    }

    /// Whether `word` stands here, and not only as the beginning of a longer one.
    private boolean keyword(String word) {
        int end = at + word.length();
        if (!text.startsWith(word, at)
                || end < text.length() && Character.isLetterOrDigit(text.charAt(end))) {
            return false;
        }
        at = end;
        skipSpaces();
        return true;
    }

    private void demandKeyword(String word) {
        if (!keyword(word)) {
            throw expected(word);
        }
    }

    private boolean symbol(char symbol) {
        if (at == text.length() || text.charAt(at) != symbol) {
            return false;
        }
        at++;
        skipSpaces();
        return true;
    }

    private void demandSymbol(char symbol) {
        if (!symbol(symbol)) {
            throw expected("'" + symbol + "'");
        }
    }

    private void skipSpaces() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
    }

    private IllegalArgumentException expected(String what) {
        return new IllegalArgumentException(
                "cannot read this segment: at position %d expected %s\n    %s\n    %s^"
                        .formatted(at, what, text, " ".repeat(at)));
    }
}
