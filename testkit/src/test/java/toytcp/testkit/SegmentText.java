package toytcp.testkit;

import java.util.ArrayList;
import java.util.List;

/// A segment of a peer as the parts of its text, see [toytcp.codec.SegmentFormat]: so that a part can be
/// left out.
///
/// @param ecn the name of the codepoint; empty for none
/// @param flags the letters, `.` for ACK
/// @param seq counted from the peer's initial sequence number
/// @param length octets of text, 0 to 65535
/// @param ack counted from the initial sequence number of the connection under test
/// @param window the field, or -1 for the one before
/// @param urgent the urgent pointer
/// @param options without the brackets; empty for none
record SegmentText(
        String ecn,
        String flags,
        int seq,
        int length,
        int ack,
        int window,
        int urgent,
        String options) {

    /// Octets of the sequence space.
    int space() {
        return length + (flags.indexOf('F') >= 0 ? 1 : 0);
    }

    /// The same segment behind so many octets more in both directions.
    SegmentText shifted(int octets, int acknowledged) {
        return new SegmentText(
                ecn,
                flags,
                seq == 0 ? 0 : seq + octets,
                length,
                ack == 0 ? 0 : ack + acknowledged,
                window,
                urgent,
                options);
    }

    /// The same segment with less in it, one part at a time.
    List<SegmentText> simpler() {
        List<SegmentText> simpler = new ArrayList<>();
        if (!options.isEmpty()) {
            simpler.add(with(flags, length, window, ""));
        }
        if (!ecn.isEmpty()) {
            simpler.add(new SegmentText("", flags, seq, length, ack, window, urgent, options));
        }
        if (window >= 0) {
            simpler.add(with(flags, length, -1, options));
        }
        for (int i = 0; i < flags.length(); i++) {
            simpler.add(
                    with(flags.substring(0, i) + flags.substring(i + 1), length, window, options));
        }
        if (length > 0) {
            simpler.add(with(flags, 0, window, options));
            simpler.add(with(flags, length / 2, window, options));
            simpler.add(with(flags, length - 1, window, options));
        }
        return simpler;
    }

    private SegmentText with(String newFlags, int newLength, int newWindow, String newOptions) {
        return new SegmentText(ecn, newFlags, seq, newLength, ack, newWindow, urgent, newOptions);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (!ecn.isEmpty()) {
            text.append('[').append(ecn).append("] ");
        }
        text.append(flags.isEmpty() ? "-" : flags)
                .append(' ')
                .append(Integer.toUnsignedString(seq));
        text.append(':').append(Integer.toUnsignedString(seq + length));
        if (flags.indexOf('.') >= 0) {
            text.append(" ack ").append(Integer.toUnsignedString(ack));
        }
        if (window >= 0) {
            text.append(" win ").append(window);
        }
        if (flags.indexOf('U') >= 0) {
            text.append(" urg ").append(urgent);
        }
        if (!options.isEmpty()) {
            text.append(" <").append(options).append('>');
        }
        return text.toString();
    }
}
