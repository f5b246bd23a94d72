package toytcp.stack.channel;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ReferenceCountUtil;

/// TLS of the JDK on both ends, with a certificate of its own.
final class ClosingTls {
    private static final SslContext CLIENT;
    private static final SslContext SERVER;

    static {
        try {
            X509Bundle bundle =
                    new CertificateBuilder()
                            .subject("cn=localhost")
                            .setIsCertificateAuthority(true)
                            .buildSelfSigned();
            CLIENT =
                    SslContextBuilder.forClient()
                            .sslProvider(SslProvider.JDK)
                            .trustManager(bundle.getCertificate())
                            .endpointIdentificationAlgorithm(null)
                            .build();
            SERVER =
                    SslContextBuilder.forServer(bundle.toKeyManagerFactory())
                            .sslProvider(SslProvider.JDK)
                            .build();
        } catch (Exception e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private ClosingTls() {}

    /// Adds TLS, and behind it someone who reads what it says.
    static void addTo(ChannelPipeline pipeline, boolean client) {
        SslContext context = client ? CLIENT : SERVER;
        pipeline.addLast(context.newHandler(pipeline.channel().alloc()));
        pipeline.addLast(
                new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object message) {
                        ReferenceCountUtil.release(message);
                    }

                    @Override
                    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                        // Cut off in the middle, as it must be.
                    }
                });
    }
}
