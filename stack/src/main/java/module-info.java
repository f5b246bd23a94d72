/// The TCP core and its Netty channels, over any channel that carries IP packets.
module toytcp.stack {
    requires transitive io.netty.transport;
    requires transitive toytcp.codec;
    requires org.slf4j;

    exports toytcp.stack.channel;
    exports toytcp.stack.ip;
    exports toytcp.stack.tcp;
    exports toytcp.stack.tcp.congestion;

    uses toytcp.stack.tcp.congestion.CongestionControllerFactory;
}
