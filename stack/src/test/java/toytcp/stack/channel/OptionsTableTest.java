package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.NetUtil;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.stack.tcp.TcpInfo;
import toytcp.stack.tcp.congestion.CongestionControllers;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The tables of docs/options.md and the code say the same.
class OptionsTableTest {
    private static final Path PAPER = Path.of("..", "docs", "options.md");

    /// The methods of Netty's `EpollTcpInfo`.
    private static final List<String> EPOLL_TCP_INFO =
            List.of(
                    ("state caState retransmits probes backoff options sndWscale rcvWscale rto ato"
                         + " sndMss rcvMss unacked sacked lost retrans fackets lastDataSent"
                         + " lastAckSent lastDataRecv lastAckRecv pmtu rcvSsthresh rtt rttvar"
                         + " sndSsthresh sndCwnd advmss reordering rcvRtt rcvSpace totalRetrans")
                            .split(" "));

    private static List<String> lines;

    private final TcpStack stack = TcpStack.builder().address("10.0.0.1").build();

    @BeforeAll
    static void read() throws IOException {
        lines = Files.readAllLines(PAPER);
    }

    /// The rows of the table whose first column has this title.
    private static List<List<String>> table(String title) {
        List<List<String>> rows = new ArrayList<>();
        boolean inside = false;
        for (String line : lines) {
            if (line.startsWith("| " + title + " |")) {
                inside = true;
            } else if (!line.startsWith("|")) {
                inside = false;
            } else if (inside && !line.startsWith("|---")) {
                rows.add(
                        Stream.of(line.substring(1, line.length() - 1).split("\\|", -1))
                                .map(String::strip)
                                .toList());
            }
        }
        assertFalse(rows.isEmpty(), title);
        return rows;
    }

    private static String paragraph(String start) {
        int from = 0;
        while (!lines.get(from).startsWith(start)) {
            from++;
        }
        int to = from;
        while (!lines.get(to).isEmpty()) {
            to++;
        }
        return String.join(" ", lines.subList(from, to));
    }

    private static boolean names(String text, String name) {
        return Arrays.asList(text.split("[^A-Za-z_]+")).contains(name);
    }

    private ChannelConfig config(String channel) {
        return channel.equals("server")
                ? stack.newServerSocketChannel().config()
                : stack.newSocketChannel().config();
    }

    private static String name(ChannelOption<?> option) {
        return option.name().substring(option.name().indexOf('#') + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "child", "server"})
    void everyOptionOfAChannelIsInTheTableWithItsDefault(String channel) {
        Map<String, String> actual = new TreeMap<>();
        config(channel).getOptions().forEach((key, value) -> actual.put(name(key), text(value)));
        Map<String, String> written = new TreeMap<>();
        for (List<String> row : table("option")) {
            assertEquals(7, row.size(), row::toString);
            if (Arrays.asList(row.get(6).split(", ")).contains(channel)) {
                written.put(row.get(0), written(row.get(3), channel));
            }
        }
        assertEquals(actual, written);
    }

    private static String written(String cell, String channel) {
        String[] parts = cell.split("; server: ");
        String own = channel.equals("server") && parts.length > 1 ? parts[1] : parts[0];
        return own.equals("somaxconn") ? String.valueOf(NetUtil.SOMAXCONN) : own;
    }

    private static String text(Object value) {
        boolean plain =
                value instanceof Number
                        || value instanceof Boolean
                        || value instanceof String
                        || value instanceof Enum
                        || value instanceof WriteBufferWaterMark;
        return plain ? value.toString() : value.getClass().getSimpleName();
    }

    @Test
    void everyConstantOfTheStackIsAnOptionOfSomeChannel() throws IllegalAccessException {
        TreeSet<String> known = new TreeSet<>();
        table("option").forEach(row -> known.add(row.get(0)));
        for (Field field : TcpChannelOption.class.getDeclaredFields()) {
            if (field.getType() == ChannelOption.class) {
                assertTrue(
                        known.contains(name((ChannelOption<?>) field.get(null))), field::getName);
            }
        }
    }

    @Test
    void everyConstantOfNettyIsInTheTableOrRefused() throws IllegalAccessException {
        TreeSet<String> known = new TreeSet<>();
        table("option").forEach(row -> known.add(row.get(0)));
        String refused = paragraph("These of Netty's are refused");
        for (Field field : ChannelOption.class.getFields()) {
            if (field.getType() != ChannelOption.class) {
                continue;
            }
            String name = name((ChannelOption<?>) field.get(null));
            assertTrue(known.contains(name) != names(refused, name), name);
        }
    }

    @Test
    void whatIsRefusedIsRefused() throws IllegalAccessException {
        String refused = paragraph("These of Netty's are refused");
        int count = 0;
        for (Field field : ChannelOption.class.getFields()) {
            if (field.getType() == ChannelOption.class && names(refused, field.getName())) {
                @SuppressWarnings("unchecked")
                ChannelOption<Object> option = (ChannelOption<Object>) field.get(null);
                assertFalse(config("client").setOption(option, 1), field::getName);
                assertFalse(config("server").setOption(option, 1), field::getName);
                count++;
            }
        }
        assertEquals(9, count);
    }

    @Test
    void everyCongestionControlIsInTheTable() {
        String range =
                table("option").stream()
                        .filter(row -> row.get(0).equals("TCP_CONGESTION"))
                        .findFirst()
                        .orElseThrow()
                        .get(2);
        List<String> names = CongestionControllers.names();
        assertEquals("`" + String.join("`, `", names) + "`", range);
    }

    @Test
    void everyComponentOfTcpInfoIsInItsTable() {
        List<String> written = table("component").stream().map(List::getFirst).toList();
        List<String> actual =
                Stream.of(TcpInfo.class.getRecordComponents())
                        .map(RecordComponent::getName)
                        .toList();
        assertEquals(actual, written);
    }

    @Test
    void whatTcpInfoLacksOfEpollsIsSaid() {
        List<String> ours = table("component").stream().map(List::getFirst).toList();
        String leftOut = paragraph("Left out, because");
        for (String name : EPOLL_TCP_INFO) {
            assertTrue(ours.contains(name) != names(leftOut, name), name);
        }
        assertEquals(32, EPOLL_TCP_INFO.size());
    }
}
