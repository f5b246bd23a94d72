package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import toytcp.stack.channel.TcpChannelOption;
import toytcp.stack.channel.TcpCounters;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.TcpState;
import toytcp.testkit.net.Host;
import toytcp.testkit.net.Link;
import toytcp.testkit.net.LinkDirection;
import toytcp.testkit.net.Network;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// The same as [FaultyTransferTest] with whole stacks: ordinary Netty channels over bad lines.
class FaultyStacksTest {
    private static final int SEEDS = 1000;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long[] GRANULARITIES = {1, 1_000, 1_000_000, 15_000_000};

    @Test
    void everyOctetArrivesOnceAndInOrderWhateverTheLinesDo() {
        Long only = Long.getLong("toytcp.seed");
        if (only != null) {
            run(only);
            return;
        }
        for (long seed = 0; seed < SEEDS; seed++) {
            run(seed);
        }
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        assertEquals(run(5), run(5));
    }

    private static String run(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (Network network = Network.create(seed)) {
            Host server = host(network, "server", random);
            Host client = host(network, "client", random);
            Link link = network.link(client, server);
            faults(link.from(client), random);
            faults(link.from(server), random);
            run(network, client, server, random);
            return network.log();
        }
    }

    private static void run(Network network, Host client, Host server, SplittableRandom random) {
        Transfer upload = new Transfer(size(random), random.split());
        Transfer download = new Transfer(size(random), random.split());
        network.await(
                server.serverBootstrap()
                        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        channel.pipeline().addLast(download);
                                    }
                                })
                        .bind(server.at(7)));
        Bootstrap bootstrap =
                client.bootstrap()
                        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                        .handler(upload);
        bootstrap.connect(server.at(7));
        network.runUntil(() -> failed(upload, download) || upload.ended && download.ended);
        if (!failed(upload, download)) {
            // "No live timer": in the end nothing at all is due any more.
            network.run();
        }
        check(network, "server", download, upload.total);
        check(network, "client", upload, download.total);
        check(network, server);
        check(network, client);
    }

    private static boolean failed(Transfer upload, Transfer download) {
        return upload.failure != null || download.failure != null;
    }

    private static void check(Network network, String name, Transfer transfer, int expected) {
        if (transfer.failure != null) {
            AssertionError error = network.failure(name + ": " + transfer.failure);
            error.initCause(transfer.failure);
            throw error;
        }
        if (transfer.received != expected || !transfer.closed) {
            throw network.failure(
                    "%s: received %d of %d, closed %s"
                            .formatted(name, transfer.received, expected, transfer.closed));
        }
    }

    /// The books are balanced when all is over.
    private static void check(Network network, Host host) {
        TcpCounters counters = host.stack().counters();
        // The listener is left.
        boolean empty =
                host.stack().flows().getNow().stream()
                        .allMatch(flow -> flow.state() == TcpState.LISTEN);
        if (!empty || counters.currEstab() != 0 || counters.estabResets() != 0) {
            throw network.failure(host.stack().flows().getNow() + " " + counters);
        }
    }

    private static Host host(Network network, String name, SplittableRandom random) {
        TcpConfig config =
                TcpConfig.DEFAULT.with(
                        draft -> {
                            draft.sendBuffer = 1 << 10 + random.nextInt(9);
                            draft.receiveBuffer = 1 << 10 + random.nextInt(9);
                            draft.windowScaling = random.nextBoolean();
                            draft.timestamps = random.nextBoolean();
                            draft.sack = random.nextBoolean();
                            draft.noDelay = random.nextBoolean();
                            // The line is never dead for ever here, so nobody may give up.
                            draft.giveUpNanos = 1_000_000 * SECOND;
                            draft.synGiveUpNanos = 1_000_000 * SECOND;
                            draft.maximumRtoNanos = 60 * SECOND;
                            draft.timeWaitNanos = 10_000 * SECOND;
                        });
        int mtu = 200 + random.nextInt(1301);
        return network.host(name, builder -> builder.config(config).mtu(mtu))
                .clockGranularity(Duration.ofNanos(GRANULARITIES[random.nextInt(4)]));
    }

    private static void faults(LinkDirection line, SplittableRandom random) {
        line.delay(Duration.ofNanos(random.nextLong(50_000_000)))
                .loss(rate(random))
                .duplicate(rate(random))
                .corrupt(rate(random))
                .reorder(rate(random), Duration.ofNanos(random.nextLong(200_000_000)));
    }

    private static double rate(SplittableRandom random) {
        return random.nextBoolean() ? 0 : random.nextDouble(0.2);
    }

    private static int size(SplittableRandom random) {
        return random.nextInt(1 << random.nextInt(17));
    }

    /// Writes its octets in random pieces, half-closes, and closes once the peer has ended, too.
    private static final class Transfer extends ChannelInboundHandlerAdapter {
        private final int total;
        private final SplittableRandom random;

        private int written;
        private int received;
        private boolean outputEnded;
        private boolean inputEnded;
        private boolean ended;
        private boolean closed;
        private @Nullable Throwable failure;

        Transfer(int total, SplittableRandom random) {
            this.total = total;
            this.random = random;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            write(ctx);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            write(ctx);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf data = (ByteBuf) msg;
            int wrong = OctetPattern.mismatch(data, received);
            if (wrong >= 0) {
                fail(new AssertionError("octet " + (received + wrong) + " is wrong"));
            }
            received += data.readableBytes();
            data.release();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                inputEnded = true;
                endIfDone(ctx);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            closed = true;
            if (!ended) {
                fail(new AssertionError("inactive before the end"));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            fail(cause);
        }

        private void write(ChannelHandlerContext ctx) {
            ChannelFuture last = ctx.newSucceededFuture();
            while (written < total && ctx.channel().isWritable()) {
                changeAnOption(ctx.channel().config());
                int length = Math.min(total - written, 1 + random.nextInt(5000));
                last = ctx.writeAndFlush(OctetPattern.buffer(ctx.alloc(), written, length));
                written += length;
            }
            if (written == total && !outputEnded) {
                outputEnded = true;
                last.addListener(_ -> shutdown(ctx));
            }
        }

        private void changeAnOption(ChannelConfig config) {
            switch (random.nextInt(20)) {
                case 0 -> config.setOption(TcpChannelOption.TCP_CORK, random.nextBoolean());
                case 1 -> config.setOption(TcpChannelOption.TCP_QUICKACK, random.nextBoolean());
                case 2 -> config.setOption(ChannelOption.TCP_NODELAY, random.nextBoolean());
                case 3 -> config.setOption(ChannelOption.SO_KEEPALIVE, random.nextBoolean());
                case 4 ->
                        config.setOption(
                                TcpChannelOption.TCP_NOTSENT_LOWAT,
                                random.nextLong(1L << random.nextInt(20)));
                case 5 -> config.setOption(ChannelOption.SO_SNDBUF, 1 + random.nextInt(100_000));
                case 6 -> config.setOption(ChannelOption.SO_RCVBUF, 1 + random.nextInt(100_000));
                default -> {}
            }
        }

        private void shutdown(ChannelHandlerContext ctx) {
            ((SocketChannel) ctx.channel())
                    .shutdownOutput()
                    .addListener(
                            future -> {
                                if (!future.isSuccess()) {
                                    fail(future.cause());
                                }
                                endIfDone(ctx);
                            });
        }

        private void endIfDone(ChannelHandlerContext ctx) {
            boolean outputDone = ((SocketChannel) ctx.channel()).isOutputShutdown();
            if (outputDone && inputEnded && !ended) {
                ended = true;
                ctx.close();
            }
        }

        private void fail(Throwable cause) {
            if (failure == null) {
                failure = cause;
            }
        }
    }
}
