package toytcp.applications;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;

import java.util.concurrent.atomic.AtomicInteger;

/// The service of [HttpService] over HTTP/2 and TLS, as ALPN agrees on it.
final class Http2Service extends ChannelInitializer<Channel> {
    final HttpService service = new HttpService();

    /// Connections that agreed on HTTP/2.
    final AtomicInteger connections = new AtomicInteger();

    /// Signed by itself, so that it is also what a client has to trust.
    final X509Bundle certificate;

    private final SslContext tls;

    /// @param address the IP address that the certificate is for
    Http2Service(String address) throws Exception {
        certificate =
                new CertificateBuilder()
                        .subject("CN=toytcp test")
                        .addSanIpAddress(address)
                        .setIsCertificateAuthority(true)
                        .buildSelfSigned();
        tls =
                SslContextBuilder.forServer(certificate.toKeyManagerFactory())
                        .sslProvider(SslProvider.JDK)
                        .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                        .applicationProtocolConfig(
                                new ApplicationProtocolConfig(
                                        Protocol.ALPN,
                                        SelectorFailureBehavior.NO_ADVERTISE,
                                        SelectedListenerFailureBehavior.ACCEPT,
                                        ApplicationProtocolNames.HTTP_2,
                                        ApplicationProtocolNames.HTTP_1_1))
                        .build();
    }

    @Override
    protected void initChannel(Channel channel) {
        service.open.add(channel);
        channel.pipeline()
                .addLast(tls.newHandler(channel.alloc()))
                .addLast(
                        new ApplicationProtocolNegotiationHandler(
                                ApplicationProtocolNames.HTTP_1_1) {
                            @Override
                            protected void configurePipeline(
                                    ChannelHandlerContext ctx, String protocol) {
                                configure(ctx.channel(), protocol);
                            }
                        });
    }

    private void configure(Channel channel, String protocol) {
        if (!protocol.equals(ApplicationProtocolNames.HTTP_2)) {
            channel.pipeline().addLast(service);
            return;
        }
        connections.incrementAndGet();
        channel.pipeline()
                .addLast(
                        Http2FrameCodecBuilder.forServer()
                                .initialSettings(
                                        Http2Settings.defaultSettings().initialWindowSize(1 << 20))
                                .build())
                .addLast(
                        new Http2MultiplexHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel stream) {
                                        stream.pipeline()
                                                .addLast(
                                                        new Http2StreamFrameToHttpObjectCodec(true))
                                                .addLast(service.requests());
                                    }
                                }));
    }
}
