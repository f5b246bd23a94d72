package toytcp.stack.channel;

import io.netty.channel.ChannelOption;

import org.jspecify.annotations.Nullable;

import toytcp.stack.tcp.EcnPolicy;
import toytcp.stack.tcp.PathMtuProbing;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.congestion.CongestionControllers;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;

/// The options that a connection has: how each is read from its [FlowSettings], and how it changes
/// them. A listener has them too, for the connections that it accepts.
///
/// @param <T> the type of the value
/// @param option the option
/// @param type the type of the value, since an option may come through a raw `Map`
/// @param get reads the value
/// @param set the settings with another value
record FlowOption<T>(
        ChannelOption<T> option,
        Class<T> type,
        Function<FlowSettings, T> get,
        BiFunction<FlowSettings, T, FlowSettings> set) {
    private static final int MAX_BUFFER = 1 << 30;
    private static final long MAX_MARK = 0xffffffffL;

    /// The DSCP bits of the IP_TOS option; the two below are ECN's.
    private static final int DSCP = 0xfc;

    /// How the names of the epoll transport's options begin.
    private static final String EPOLL = "io.netty.channel.epoll.EpollChannelOption#";

    private static final List<FlowOption<?>> LIST =
            List.of(
                    number(
                            ChannelOption.SO_RCVBUF,
                            1,
                            MAX_BUFFER,
                            TcpConfig::receiveBuffer,
                            (draft, value) -> {
                                draft.receiveBuffer = value;
                                draft.tuneReceiveBuffer = false;
                            }),
                    number(
                            ChannelOption.SO_SNDBUF,
                            1,
                            MAX_BUFFER,
                            TcpConfig::sendBuffer,
                            (draft, value) -> {
                                draft.sendBuffer = value;
                                draft.tuneSendBuffer = false;
                            }),
                    flag(
                            ChannelOption.TCP_NODELAY,
                            TcpConfig::noDelay,
                            (draft, value) -> draft.noDelay = value),
                    flag(
                            ChannelOption.SO_KEEPALIVE,
                            TcpConfig::keepAlive,
                            (draft, value) -> draft.keepAlive = value),
                    seconds(
                            TcpChannelOption.TCP_KEEPIDLE,
                            TcpConfig::keepAliveIdleNanos,
                            (draft, nanos) -> draft.keepAliveIdleNanos = nanos),
                    seconds(
                            TcpChannelOption.TCP_KEEPINTVL,
                            TcpConfig::keepAliveIntervalNanos,
                            (draft, nanos) -> draft.keepAliveIntervalNanos = nanos),
                    number(
                            TcpChannelOption.TCP_KEEPCNT,
                            1,
                            127,
                            TcpConfig::keepAliveProbes,
                            (draft, value) -> draft.keepAliveProbes = value),
                    number(
                            TcpChannelOption.TCP_USER_TIMEOUT,
                            0,
                            Integer.MAX_VALUE,
                            tcp -> (int) TimeUnit.NANOSECONDS.toMillis(tcp.userTimeoutNanos()),
                            (draft, value) ->
                                    draft.userTimeoutNanos = TimeUnit.MILLISECONDS.toNanos(value)),
                    flag(
                            TcpChannelOption.TCP_CORK,
                            TcpConfig::cork,
                            (draft, value) -> draft.cork = value),
                    flag(
                            TcpChannelOption.TCP_QUICKACK,
                            TcpConfig::quickAck,
                            (draft, value) -> draft.quickAck = value),
                    notSentLowWater(),
                    congestion(),
                    new FlowOption<>(
                            TcpChannelOption.TCP_ECN,
                            EcnPolicy.class,
                            settings -> settings.tcp().ecn(),
                            (settings, value) -> settings.with(draft -> draft.ecn = value)),
                    new FlowOption<>(
                            TcpChannelOption.TCP_MAXSEG,
                            Integer.class,
                            FlowSettings::maximumSegment,
                            (settings, value) ->
                                    settings.withMaximumSegment(checkMaximumSegment(value))),
                    number(
                            TcpChannelOption.TCP_MTU_PROBING,
                            0,
                            PathMtuProbing.values().length - 1,
                            tcp -> tcp.pathMtuProbing().ordinal(),
                            (draft, value) ->
                                    draft.pathMtuProbing = PathMtuProbing.values()[value]),
                    new FlowOption<>(
                            ChannelOption.IP_TOS,
                            Integer.class,
                            FlowSettings::trafficClass,
                            (settings, value) ->
                                    settings.withTrafficClass(
                                            DSCP & check(ChannelOption.IP_TOS, value, 0, 255))),
                    new FlowOption<>(
                            TcpChannelOption.IP_TTL,
                            Integer.class,
                            FlowSettings::ttl,
                            (settings, value) ->
                                    settings.withTtl(
                                            check(TcpChannelOption.IP_TTL, value, 1, 255))),
                    new FlowOption<>(
                            TcpChannelOption.TCP_REPORTS,
                            Boolean.class,
                            FlowSettings::reports,
                            FlowSettings::withReports));

    private static final Map<ChannelOption<?>, FlowOption<?>> BY_OPTION = byOption();

    /// All of them, for `getOptions()`.
    static ChannelOption<?>[] all() {
        return BY_OPTION.keySet().toArray(ChannelOption<?>[]::new);
    }

    /// The entry of an option, under our name of it or under that of Netty's epoll transport, so that
    /// an application that set it there need not change; null if it is none of a connection's.
    @SuppressWarnings("unchecked")
    static <T> @Nullable FlowOption<T> of(ChannelOption<T> option) {
        return (FlowOption<T>) BY_OPTION.get(ours(option));
    }

    /// Our option of the name that an option of Netty's epoll transport has; any other option itself.
    static ChannelOption<?> ours(ChannelOption<?> option) {
        String name = option.name();
        if (!name.startsWith(EPOLL)) {
            return option;
        }
        String ours = TcpChannelOption.class.getName() + '#' + name.substring(EPOLL.length());
        return ChannelOption.exists(ours) ? ChannelOption.valueOf(ours) : option;
    }

    T get(FlowSettings settings) {
        return get.apply(settings);
    }

    /// The settings with this value.
    ///
    /// @throws IllegalArgumentException if it is out of range, or of another type; the message says
    ///     what it may be
    FlowSettings set(FlowSettings settings, Object value) {
        return set.apply(settings, cast(option, type, value));
    }

    /// The value as what the option takes.
    ///
    /// @throws IllegalArgumentException if it is something else
    static <V> V cast(ChannelOption<?> option, Class<V> type, Object value) {
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException(
                    "%s takes a value of type %s, got the %s '%s'"
                            .formatted(
                                    nameOf(option),
                                    type.getSimpleName(),
                                    value.getClass().getSimpleName(),
                                    value));
        }
        return type.cast(value);
    }

    /// Sets an option that Netty's own config knows, if it does.
    ///
    /// @return whether it does
    /// @throws IllegalArgumentException if the value is of another type
    static <V> boolean set(ChannelOption<V> option, V value, Setter setter) {
        try {
            return setter.setOption(option, value);
        } catch (ClassCastException e) {
            throw new IllegalArgumentException(
                    "%s does not take a value of type %s, as '%s' is"
                            .formatted(nameOf(option), value.getClass().getSimpleName(), value),
                    e);
        }
    }

    /// `ChannelConfig.setOption` of a superclass.
    interface Setter {
        <V> boolean setOption(ChannelOption<V> option, V value);
    }

    /// The value, if it lies within the range.
    ///
    /// @throws IllegalArgumentException if not; the message tells the range
    static int check(ChannelOption<?> option, int value, int least, int most) {
        checkLong(option, value, least, most);
        return value;
    }

    private static long checkLong(ChannelOption<?> option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    nameOf(option)
                            + " must lie within "
                            + least
                            + " to "
                            + most
                            + ", got "
                            + value);
        }
        return value;
    }

    /// `TCP_CORK` of `toytcp.stack.channel.TcpChannelOption#TCP_CORK`.
    private static String nameOf(ChannelOption<?> option) {
        return option.name().substring(option.name().indexOf('#') + 1);
    }

    private static int checkMaximumSegment(int value) {
        return value == 0 ? 0 : check(TcpChannelOption.TCP_MAXSEG, value, 88, 32767);
    }

    private static FlowOption<Integer> number(
            ChannelOption<Integer> option,
            int least,
            int most,
            Function<TcpConfig, Integer> get,
            BiConsumer<TcpConfig.Draft, Integer> set) {
        return new FlowOption<>(
                option,
                Integer.class,
                settings -> get.apply(settings.tcp()),
                (settings, value) -> {
                    int checked = check(option, value, least, most);
                    return settings.with(draft -> set.accept(draft, checked));
                });
    }

    private static FlowOption<Boolean> flag(
            ChannelOption<Boolean> option,
            Function<TcpConfig, Boolean> get,
            BiConsumer<TcpConfig.Draft, Boolean> set) {
        return new FlowOption<>(
                option,
                Boolean.class,
                settings -> get.apply(settings.tcp()),
                (settings, value) -> settings.with(draft -> set.accept(draft, value)));
    }

    /// Seconds for the user, within the range of Linux, nanoseconds for the core.
    private static FlowOption<Integer> seconds(
            ChannelOption<Integer> option,
            Function<TcpConfig, Long> get,
            BiConsumer<TcpConfig.Draft, Long> set) {
        return number(
                option,
                1,
                32767,
                tcp -> (int) TimeUnit.NANOSECONDS.toSeconds(get.apply(tcp)),
                (draft, value) -> set.accept(draft, TimeUnit.SECONDS.toNanos(value)));
    }

    private static FlowOption<Long> notSentLowWater() {
        ChannelOption<Long> option = TcpChannelOption.TCP_NOTSENT_LOWAT;
        return new FlowOption<>(
                option,
                Long.class,
                settings -> settings.tcp().notSentLowWater(),
                (settings, value) -> {
                    long checked = checkLong(option, value, 0, MAX_MARK);
                    return settings.with(draft -> draft.notSentLowWater = checked);
                });
    }

    private static FlowOption<String> congestion() {
        return new FlowOption<>(
                TcpChannelOption.TCP_CONGESTION,
                String.class,
                settings -> CongestionControllers.nameOf(settings.tcp().congestion()),
                (settings, name) -> {
                    String current = CongestionControllers.nameOf(settings.tcp().congestion());
                    if (current.equals(name)) {
                        // Perhaps a factory of the user's own.
                        return settings;
                    }
                    var factory = CongestionControllers.of(name);
                    return settings.with(draft -> draft.congestion = factory);
                });
    }

    private static Map<ChannelOption<?>, FlowOption<?>> byOption() {
        Map<ChannelOption<?>, FlowOption<?>> entries = new LinkedHashMap<>();
        for (FlowOption<?> entry : LIST) {
            entries.put(entry.option, entry);
        }
        return entries;
    }
}
