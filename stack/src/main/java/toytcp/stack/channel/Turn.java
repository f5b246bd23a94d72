package toytcp.stack.channel;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;

import toytcp.codec.TcpSegment;

import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;

/// Gathers the work of one turn of the link's event loop and ends it: every flow that a segment, a
/// user call or a deadline touched is flushed once, then the link is.
///
/// In a read loop of the link the turn ends with `channelReadComplete`; elsewhere by a task behind
/// those that are due already.
final class Turn implements Runnable {
    private final ChannelHandlerContext ctx;
    private final EventLoop loop;
    private final ArrayDeque<FlowDriver> touched = new ArrayDeque<>();

    /// What the connections sent. Not written at once: a write may run other tasks of the event loop
    /// (an `EmbeddedChannel` does), which must not find a connection at work.
    private final ArrayDeque<TcpSegment> outgoing = new ArrayDeque<>();

    private boolean reading;
    private boolean ending;
    private boolean scheduled;
    private boolean closed;

    Turn(ChannelHandlerContext ctx) {
        this.ctx = ctx;
        loop = ctx.channel().eventLoop();
    }

    /// The link reads: [#readComplete] will follow.
    void reading() {
        reading = true;
    }

    void readComplete() {
        reading = false;
        end();
    }

    /// Remembers a flow that has to be flushed.
    void touch(FlowDriver flow) {
        if (!flow.touched) {
            flow.touched = true;
            touched.add(flow);
            require();
        }
    }

    /// Sends a segment that has its addresses; takes ownership.
    void send(TcpSegment segment) {
        if (closed) {
            segment.release();
            return;
        }
        outgoing.add(segment);
        require();
    }

    /// Nothing can be sent any more.
    void close() {
        closed = true;
        drop();
    }

    private void drop() {
        touched.clear();
        outgoing.forEach(TcpSegment::release);
        outgoing.clear();
    }

    private void require() {
        if (reading || ending || scheduled) {
            return;
        }
        try {
            loop.execute(this);
            scheduled = true;
        } catch (RejectedExecutionException e) {
            // The event loop was shut down and takes the link along: nobody would end this turn.
            FlowLog.warn(ctx.channel(), "the event loop was shut down under the stack", e);
            drop();
        }
    }

    @Override
    public void run() {
        scheduled = false;
        if (!reading) {
            end();
        }
    }

    /// Flushes the touched flows, those that are touched by that too, and writes what they send.
    private void end() {
        if (ending) {
            return;
        }
        ending = true;
        boolean written = false;
        try {
            while (!touched.isEmpty() || !outgoing.isEmpty()) {
                flushFlows();
                written |= writeSegments();
            }
        } finally {
            ending = false;
            if (!touched.isEmpty() || !outgoing.isEmpty()) {
                // Only after an exception, which must not stop the other flows.
                require();
            }
        }
        if (written) {
            ctx.flush();
        }
    }

    private void flushFlows() {
        for (FlowDriver flow; (flow = touched.poll()) != null; ) {
            flow.touched = false;
            flow.endTurn();
        }
    }

    private boolean writeSegments() {
        boolean any = !outgoing.isEmpty();
        for (TcpSegment segment; (segment = outgoing.poll()) != null; ) {
            ctx.write(segment, ctx.voidPromise());
        }
        return any;
    }
}
