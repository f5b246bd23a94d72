package toytcp.link;

import io.netty.channel.epoll.Epoll;

import org.jspecify.annotations.Nullable;

/// Whether this JVM can have raw sockets at all, found out once.
final class LinuxSupport {
    private static final @Nullable Throwable CAUSE = probe();

    private LinuxSupport() {}

    /// @throws UnsupportedOperationException if not; the message says what is missing
    static void ensureAvailable() {
        if (CAUSE != null) {
            throw new UnsupportedOperationException(CAUSE.getMessage(), CAUSE);
        }
    }

    private static @Nullable Throwable probe() {
        String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
        Throwable wrongSystem = checkSystem(System.getProperty("os.name"), system);
        if (wrongSystem != null) {
            return wrongSystem;
        }
        try {
            LinuxSockets.close(-1);
        } catch (IllegalCallerException | LinkageError e) {
            return withoutNativeAccess(e);
        }
        if (!Epoll.isAvailable()) {
            return new UnsupportedOperationException(
                    "Netty's epoll transport is not available ("
                            + Epoll.unavailabilityCause()
                            + "); put netty-transport-native-epoll for "
                            + system
                            + " on the class path",
                    Epoll.unavailabilityCause());
        }
        return null;
    }

    /// What is wrong with the system, or null.
    static @Nullable Throwable checkSystem(String name, String description) {
        boolean known = description.endsWith("amd64") || description.endsWith("aarch64");
        if (name.equals("Linux") && known) {
            return null;
        }
        return new UnsupportedOperationException(
                "raw sockets need Linux on x86_64 or aarch64, this is "
                        + description
                        + "; a stack runs over any other channel that carries IP packets, too");
    }

    private static Throwable withoutNativeAccess(Throwable cause) {
        Module module = LinuxSupport.class.getModule();
        String modules = module.isNamed() ? module.getName() + ",io.netty.common" : "ALL-UNNAMED";
        return new UnsupportedOperationException(
                "native access is denied to this program; start java with --enable-native-access="
                        + modules
                        + " (or, for java -jar, put Enable-Native-Access: ALL-UNNAMED into the"
                        + " manifest)",
                cause);
    }
}
