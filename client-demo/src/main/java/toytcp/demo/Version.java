package toytcp.demo;

import picocli.CommandLine.IVersionProvider;

/// One line with everything that a bug report should begin with.
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String own = Version.class.getPackage().getImplementationVersion();
        var netty = io.netty.util.Version.identify();
        return new String[] {
            "toytcp %s, JDK %s (%s), Netty %s, %s %s %s"
                    .formatted(
                            own == null ? "from classes" : own,
                            System.getProperty("java.runtime.version"),
                            System.getProperty("java.vendor"),
                            netty.containsKey("netty-transport")
                                    ? netty.get("netty-transport").artifactVersion()
                                    : "unknown",
                            System.getProperty("os.name"),
                            System.getProperty("os.version"),
                            System.getProperty("os.arch"))
        };
    }
}
