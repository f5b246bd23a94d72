/// Bytes to values and back: IPv4, TCP, checksums, the one-line text form of a segment.
module toytcp.codec {
    requires transitive io.netty.buffer;
    requires transitive io.netty.codec;
    requires transitive io.netty.common;
    requires transitive io.netty.transport;
    requires static transitive org.jspecify;

    exports toytcp.codec;
}
