package toytcp.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// How a schedule begins.
///
/// @param start where
/// @param settings other than the defaults
/// @param peerOptions of the peer's SYN, if the handshake is part of the beginning
/// @param peerWindow the field of the peer's SYN
/// @param iss our initial sequence number
/// @param irs the peer's
/// @param roundTripMillis how long the handshake takes
record ScheduleSetup(
        Start start,
        List<Setting> settings,
        String peerOptions,
        int peerWindow,
        int iss,
        int irs,
        int roundTripMillis) {

    private static final String[] OPTIONS = {
        "mss 1000",
        "",
        "mss 1460,sackOK,TS,wscale 7",
        "mss 1460,sackOK",
        "mss 1,wscale 0",
        "mss 500,TS",
        "mss 9000,sackOK,wscale 14",
    };

    enum Start {
        CLOSED("closed"),
        LISTENING("listening"),
        HOLDING("holdSyn().listening"),
        OPENING("closed().open"),
        ESTABLISHED("established"),
        ESTABLISHED_PASSIVE("establishedPassive");

        private final String method;

        Start(String method) {
            this.method = method;
        }
    }

    static ScheduleSetup random(SplittableRandom random) {
        List<Setting> settings = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            settings.add(Setting.values()[random.nextInt(Setting.values().length)]);
        }
        // Half of all begin where most happens.
        Start start = Start.values()[Math.min(5, random.nextInt(10))];
        if (start == Start.ESTABLISHED && settings.contains(Setting.ACCURATE_ECN)) {
            // The script's own handshake has a peer without ECN.
            start = Start.OPENING;
        }
        return new ScheduleSetup(
                start,
                settings,
                OPTIONS[random.nextInt(OPTIONS.length)],
                random.nextInt(8) == 0 ? random.nextInt(2000) : 65535,
                start(random),
                start(random),
                random.nextInt(3) * 50);
    }

    /// Every second stream begins shortly before the sequence space or its sign wraps.
    private static int start(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> -1 - random.nextInt(5000);
            case 1 -> Integer.MAX_VALUE - random.nextInt(5000);
            default -> 0;
        };
    }

    TcpScript begin() {
        ScriptSetup setup =
                TcpScript.with(config -> settings.forEach(setting -> setting.accept(config)))
                        .peerOptions(peerOptions)
                        .peerWindow(peerWindow)
                        .iss(iss)
                        .irs(irs)
                        .roundTrip(Duration.ofMillis(roundTripMillis));
        return switch (start) {
            case CLOSED -> setup.closed();
            case LISTENING -> setup.listening();
            case HOLDING -> setup.holdSyn().listening();
            case OPENING -> setup.closed().open();
            case ESTABLISHED -> setup.established();
            case ESTABLISHED_PASSIVE -> setup.establishedPassive();
        };
    }

    /// The same with one thing less.
    List<ScheduleSetup> simpler() {
        List<ScheduleSetup> simpler = new ArrayList<>();
        for (int i = 0; i < settings.size(); i++) {
            List<Setting> fewer = new ArrayList<>(settings);
            fewer.remove(i);
            simpler.add(with(fewer, peerOptions, peerWindow, iss, irs, roundTripMillis));
        }
        if (!peerOptions.equals("mss 1000")) {
            simpler.add(with(settings, "mss 1000", peerWindow, iss, irs, roundTripMillis));
        }
        if (peerWindow != 65535) {
            simpler.add(with(settings, peerOptions, 65535, iss, irs, roundTripMillis));
        }
        if (iss != 0) {
            simpler.add(with(settings, peerOptions, peerWindow, 0, irs, roundTripMillis));
        }
        if (irs != 0) {
            simpler.add(with(settings, peerOptions, peerWindow, iss, 0, roundTripMillis));
        }
        if (roundTripMillis != 0) {
            simpler.add(with(settings, peerOptions, peerWindow, iss, irs, 0));
        }
        return simpler;
    }

    private ScheduleSetup with(
            List<Setting> newSettings,
            String newOptions,
            int newWindow,
            int newIss,
            int newIrs,
            int newRoundTrip) {
        return new ScheduleSetup(
                start, newSettings, newOptions, newWindow, newIss, newIrs, newRoundTrip);
    }

    /// The source text, without the semicolon.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("TcpScript.with(config -> {");
        settings.forEach(setting -> text.append(" config.").append(setting).append(';'));
        text.append(settings.isEmpty() ? "})" : " })");
        text.append(".peerOptions(\"").append(peerOptions).append("\")");
        if (peerWindow != 65535) {
            text.append(".peerWindow(").append(peerWindow).append(')');
        }
        if (iss != 0) {
            text.append(".iss(").append(iss).append(')');
        }
        if (irs != 0) {
            text.append(".irs(").append(irs).append(')');
        }
        if (roundTripMillis != 0) {
            text.append(".roundTrip(Duration.ofMillis(").append(roundTripMillis).append("))");
        }
        return text.append('.').append(start.method).append("()").toString();
    }
}
