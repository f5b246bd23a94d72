/// Packet links of Linux as Netty channels.
module toytcp.link {
    requires transitive io.netty.transport;
    requires transitive toytcp.stack;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires org.slf4j;

    exports toytcp.link;
}
