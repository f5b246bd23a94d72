package toytcp.link;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The second socket of a [RawSocketChannel]: a raw ICMP socket whose filter lets only errors about segments
/// of claimed ports through, see [PacketFilter#errors]. They go into the channel's pipeline as whole packets,
/// like all others.
///
/// The raw TCP socket itself could report them (IP_RECVERR), but then it would report those of all programs,
/// and fail what we send next because of each.
final class ErrorSocket implements EpollIoHandle {
    /// How many errors one turn of the event loop takes: a flood of forged ones must not hold up the rest.
    private static final int MAX_ERRORS_PER_READ = 16;

    /// "without the length of the ICMP datagram exceeding 576 bytes" (RFC 1812, 4.3.2.3). What is longer is cut,
    /// and then dropped by its length.
    private static final int MAX_LENGTH = 2048;

    private final RawSocketChannel channel;
    private final FileDescriptor socket;
    private @Nullable IoRegistration registration;
    private EpollIoOps interest = EpollIoOps.EPOLLERR;
    private boolean readPending;

    /// Opens the socket; nothing comes before it has a filter with claims in it.
    ErrorSocket(RawSocketChannel channel) throws IOException {
        this.channel = channel;
        socket = new FileDescriptor(RawSocket.openForErrors());
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    void register(IoEventLoop loop) {
        loop.register(this).addListener((Future<IoRegistration> f) -> registered(f));
    }

    private void registered(Future<IoRegistration> registered) {
        if (registered.isSuccess()) {
            registration = registered.getNow();
            setInterest(interest);
        } else {
            channel.pipeline().fireExceptionCaught(registered.cause());
        }
    }

    void deregister() {
        if (registration != null) {
            registration.cancel();
            registration = null;
        }
    }

    /// The channel wants to read.
    void beginRead() {
        readPending = true;
        setInterest(interest.with(EpollIoOps.EPOLLIN));
    }

    @Override
    public void handle(IoRegistration source, IoEvent event) {
        EpollIoOps ready = ((EpollIoEvent) event).ops();
        if (ready.contains(EpollIoOps.EPOLLERR)) {
            // Reading the error clears it; we sent nothing that it could be about.
            LinuxSockets.option(socket.intValue(), LinuxSockets.SOL_SOCKET, LinuxSockets.SO_ERROR);
        }
        if (!ready.contains(EpollIoOps.EPOLLIN) || !channel.isOpen()) {
            return;
        }
        if (!channel.config().isAutoRead() && !readPending) {
            setInterest(interest.without(EpollIoOps.EPOLLIN));
            return;
        }
        readPending = false;
        if (read()) {
            channel.pipeline().fireChannelReadComplete();
        }
    }

    /// Of [EpollIoHandle]: the event loop ends.
    @Override
    public void close() {
        deregister();
        try {
            socket.close();
        } catch (IOException e) {
            // The kernel has closed it all the same.
        }
    }

    private boolean read() {
        boolean any = false;
        for (int i = 0; i < MAX_ERRORS_PER_READ && channel.isOpen(); i++) {
            ByteBuf packet = channel.alloc().directBuffer(MAX_LENGTH, MAX_LENGTH);
            MemorySegment memory = MemorySegment.ofBuffer(packet.nioBuffer(0, MAX_LENGTH));
            int length = LinuxSockets.receive(socket.intValue(), memory);
            if (length <= 0) {
                packet.release();
                break;
            }
            any = true;
            channel.pipeline().fireChannelRead(packet.writerIndex(length));
        }
        return any;
    }

    private void setInterest(EpollIoOps wanted) {
        interest = wanted;
        if (registration != null && registration.isValid()) {
            registration.submit(wanted);
        }
    }
}
