package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import toytcp.codec.DropReason;
import toytcp.codec.InternetChecksum;
import toytcp.testkit.Rfc;

import java.util.ArrayList;
import java.util.List;

/// Options in the IP headers of what arrives, between two stacks that know none of them (RFC 9293, 3.9.2
/// and 3.9.2.1).
class IpOptionsTest {
    private static final int HEADER = 20;

    private final TwoStacks net = new TwoStacks();

    /// The header lengths of what the server sent.
    private final List<Integer> answered = new ArrayList<>();

    @AfterEach
    void close() {
        net.close();
    }

    /// From now on every packet between the two carries these options.
    private void insert(String options) {
        net.lostFromClient = packet -> replace(packet, options, net.serverLink);
        net.lostFromServer =
                packet -> {
                    answered.add((packet.getByte(packet.readerIndex()) & 0xf) * 4);
                    return replace(packet, options, net.clientLink);
                };
    }

    /// @return that the packet itself is lost
    private static boolean replace(ByteBuf packet, String options, EmbeddedChannel to) {
        ByteBuf changed = withOptions(packet, ByteBufUtil.decodeHexDump(options));
        to.eventLoop().execute(() -> to.writeInbound(changed));
        return true;
    }

    private static ByteBuf withOptions(ByteBuf packet, byte[] options) {
        int start = packet.readerIndex();
        int length = HEADER + options.length;
        ByteBuf changed = Unpooled.buffer(packet.readableBytes() + options.length);
        changed.writeBytes(packet, start, HEADER).writeBytes(options);
        changed.writeBytes(packet, start + HEADER, packet.readableBytes() - HEADER);
        changed.setByte(0, 0x40 | length / 4).setShort(2, changed.readableBytes()).setShort(10, 0);
        int sum = InternetChecksum.sum(changed, 0, length);
        changed.setShort(10, InternetChecksum.complement(sum));
        return changed;
    }

    private void talk() {
        net.listen(net.server(new Echo()), 40000);
        Recorder client = new Recorder();
        Channel channel = net.connect(net.client(client), 40000);
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[10_000]));
        net.run();
        assertEquals(10_000, client.received.size());
        assertEquals(0, net.serverStack.drops().total());
        assertEquals(0, net.clientStack.drops().total());
    }

    @ParameterizedTest
    @CsvSource({
        "no operation and end of list, 01010100",
        "padding that is not zero,     00ffffff",
        "record route,                 0707040a0000fe00",
        "a full record route,          0707080a0000fe00",
        "timestamps,                   440c050000000000000000ff",
        "router alert,                 94040000",
        "stream identifier,            88040001",
        "one that nobody knows,        9e040000",
        "a length of zero,             9e000000",
        "a length beyond the header,   9eff0000",
        "as many as there can be,"
                + "01010101010101010101010101010101010101010101010101010101010101010101010101010101"
    })
    @Rfc(number = 9293, section = "3.9.2", id = "MUST-50")
    void whateverIsThereIsPassedOver(String name, String options) {
        insert(options.strip());
        talk();
    }

    /// A loose and a strict route through 10.0.0.254 that came to its end: it is not kept, and what
    /// is answered goes the usual way.
    @ParameterizedTest
    @CsvSource({"8307080a0000fe00", "8907080a0000fe00"})
    @Rfc(number = 9293, section = "3.9.2.1", id = "MUST-53")
    @Rfc(number = 9293, section = "3.9.2.1", id = "SHLD-24")
    void aSourceRouteThatCameToItsEndIsPassedOver(String options) {
        insert(options);
        talk();
        assertTrue(answered.size() > 5);
        answered.forEach(length -> assertEquals(HEADER, length));
    }

    /// Its last stop would be another host, and routers may do that, not hosts.
    @Test
    @Rfc(number = 1122, section = "3.3.5")
    void aPacketThatIsToGoOnFromHereIsDropped() {
        net.listen(net.server(new Echo()), 40000);
        insert("8307040a00010900");
        net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.run();
        assertEquals(1, net.serverStack.drops().get(DropReason.IP_SOURCE_ROUTE));
        assertEquals(List.of(), answered);
    }
}
