/// Packet links of Linux as Netty channels.
module toytcp.link {
    requires transitive toytcp.stack;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;

    exports toytcp.link;
}
