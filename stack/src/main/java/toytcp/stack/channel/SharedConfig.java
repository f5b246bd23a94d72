package toytcp.stack.channel;

import org.jspecify.annotations.Nullable;

import toytcp.stack.tcp.TcpConfig;

/// Settings with the maximum segment size of a route; those of the last connection are remembered, so that
/// many that idle share one object.
final class SharedConfig {
    private @Nullable TcpConfig base;
    private @Nullable TcpConfig shared;

    /// These settings, with another maximum segment size if it is another.
    TcpConfig with(TcpConfig settings, int maximumSegmentSize) {
        if (settings.maximumSegmentSize() == maximumSegmentSize) {
            return settings;
        }
        TcpConfig last = shared;
        if (last == null || base != settings || last.maximumSegmentSize() != maximumSegmentSize) {
            last = settings.with(draft -> draft.maximumSegmentSize = maximumSegmentSize);
            base = settings;
            shared = last;
        }
        return last;
    }
}
