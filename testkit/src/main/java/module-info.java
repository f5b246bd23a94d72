/// Segment scripts, a virtual clock and a virtual network for tests.
module toytcp.testkit {
    requires transitive toytcp.stack;

    exports toytcp.testkit;
}
