/// Packet links of Linux as Netty channels: the only native code of the stack.
///
/// A [toytcp.link.RawSocketChannel] carries IP packets between the kernel and a stack. All system
/// calls are made through the foreign function interface, on the event loop of the link.
@NullMarked
package toytcp.link;

import org.jspecify.annotations.NullMarked;
