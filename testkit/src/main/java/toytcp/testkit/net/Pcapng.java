package toytcp.testkit.net;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Writes a capture in the pcapng format (draft-ietf-opsawg-pcapng): one interface for each end of a link, stamps
/// in nanoseconds of virtual time. What happened to a packet is its comment.
final class Pcapng {
    private static final int SECTION_HEADER = 0x0a0d0d0a;
    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int ENHANCED_PACKET = 6;
    private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;

    /// Packets begin with an IP header.
    private static final int LINKTYPE_RAW = 101;

    private static final int END_OF_OPTIONS = 0;
    private static final int COMMENT = 1;
    private static final int INTERFACE_NAME = 2;
    private static final int TIMESTAMP_RESOLUTION = 9;
    private static final int USER_APPLICATION = 4;
    private static final int PACKET_FLAGS = 2;
    private static final int INBOUND = 1;
    private static final int OUTBOUND = 2;

    private final DataOutputStream out;
    private final ByteArrayOutputStream bodyOctets = new ByteArrayOutputStream();
    private final DataOutputStream body = new DataOutputStream(bodyOctets);

    private Pcapng(OutputStream out) {
        this.out = new DataOutputStream(out);
    }

    /// Writes everything that the capture has; the caller closes `out`.
    ///
    /// @param title what the section header says of its origin
    static void write(Capture capture, String title, OutputStream out) throws IOException {
        Pcapng writer = new Pcapng(out);
        writer.section(title);
        for (LinkEnd end : capture.ends()) {
            writer.describe(end);
        }
        List<String> notes = new ArrayList<>();
        for (Capture.Event event : capture.events()) {
            if (event.kind() == Capture.Kind.NOTE) {
                notes.add(event.text());
            } else {
                writer.packet(event, notes);
                notes.clear();
            }
        }
        writer.out.flush();
    }

    /// Section 4.1. All numbers are big-endian, which the magic tells.
    private void section(String title) throws IOException {
        body.writeInt(BYTE_ORDER_MAGIC);
        body.writeShort(1);
        body.writeShort(0);
        // The length of the section is not given.
        body.writeLong(-1);
        option(USER_APPLICATION, title);
        endBlock(SECTION_HEADER);
    }

    /// Section 4.2.
    private void describe(LinkEnd end) throws IOException {
        body.writeShort(LINKTYPE_RAW);
        body.writeShort(0);
        // Packets are kept whole.
        body.writeInt(0);
        option(INTERFACE_NAME, end.toString());
        // Units of 10^-9 seconds.
        option(TIMESTAMP_RESOLUTION, new byte[] {9});
        endBlock(INTERFACE_DESCRIPTION);
    }

    /// Section 4.3.
    private void packet(Capture.Event event, List<String> notes) throws IOException {
        body.writeInt(event.end());
        body.writeLong(event.atNanos());
        body.writeInt(event.octets().length);
        body.writeInt(event.octets().length);
        body.write(event.octets());
        pad(event.octets().length);
        for (String note : notes) {
            option(COMMENT, note);
        }
        option(COMMENT, event.text());
        int direction = event.kind() == Capture.Kind.ARRIVED ? INBOUND : OUTBOUND;
        option(PACKET_FLAGS, new byte[] {0, 0, 0, (byte) direction});
        endBlock(ENHANCED_PACKET);
    }

    /// Section 3.5.
    private void option(int code, @Nullable String text) throws IOException {
        if (text != null) {
            option(code, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private void option(int code, byte[] value) throws IOException {
        body.writeShort(code);
        body.writeShort(value.length);
        body.write(value);
        pad(value.length);
    }

    private void pad(int length) throws IOException {
        for (int octets = length; octets % 4 != 0; octets++) {
            body.write(0);
        }
    }

    /// Section 3.1: a block begins and ends with its length.
    private void endBlock(int type) throws IOException {
        body.writeShort(END_OF_OPTIONS);
        body.writeShort(0);
        int length = bodyOctets.size() + 12;
        out.writeInt(type);
        out.writeInt(length);
        bodyOctets.writeTo(out);
        out.writeInt(length);
        bodyOctets.reset();
    }
}
