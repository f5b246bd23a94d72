/// Segment scripts, a virtual clock and a virtual network for tests.
module toytcp.testkit {
    requires transitive io.netty.resolver;
    requires transitive toytcp.stack;

    // For @VirtualNetwork; all else works without it.
    requires static transitive org.junit.jupiter.api;

    exports toytcp.testkit;
    exports toytcp.testkit.net;
}
