package toytcp.demo;

import java.util.Locale;

/// How much the stack tells on the standard error output.
enum LogLevel {
    OFF,
    INFO,
    DEBUG,
    TRACE;

    private static final String PREFIX = "org.slf4j.simpleLogger.";

    /// Sets slf4j-simple up. It reads its settings when the first logger is made, so this comes
    /// before the first class of Netty or of the stack.
    void apply() {
        System.setProperty(PREFIX + "defaultLogLevel", name().toLowerCase(Locale.ROOT));
        // Netty tells about itself at length on DEBUG; its warnings matter, leaks most of all.
        System.setProperty(PREFIX + "log.io.netty", this == OFF ? "error" : "warn");
        if (this == OFF) {
            // Without this warning nobody could guess who resets the connections.
            System.setProperty(PREFIX + "log.toytcp.link", "warn");
        }
        System.setProperty(PREFIX + "logFile", "System.err");
        System.setProperty(PREFIX + "showDateTime", "true");
        System.setProperty(PREFIX + "dateTimeFormat", "HH:mm:ss.SSS");
        System.setProperty(PREFIX + "showThreadName", "false");
        System.setProperty(PREFIX + "showShortLogName", "true");
    }

    /// Whether failures show where in the program they arose.
    boolean showsStackTraces() {
        return compareTo(DEBUG) >= 0;
    }
}
