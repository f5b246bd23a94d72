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
        String system = System.getProperty("os.name");
        String processor = System.getProperty("os.arch");
        Throwable wrongSystem = checkSystem(system, processor);
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
                            + processor
                            + " on the class path",
                    Epoll.unavailabilityCause());
        }
        return null;
    }

    /// What is wrong with the system, or null.
    ///
    /// @param name as in the property `os.name`
    /// @param processor as in the property `os.arch`
    static @Nullable Throwable checkSystem(String name, String processor) {
        boolean known = processor.equals("amd64") || processor.equals("aarch64");
        if (name.equals("Linux") && known) {
            return null;
        }
        return new UnsupportedOperationException(
                "raw sockets need Linux on x86_64 or aarch64, this is "
                        + name
                        + " on "
                        + processor
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
