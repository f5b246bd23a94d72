package toytcp.suite;

import io.netty.channel.EventLoopGroup;

import toytcp.stack.channel.PipeLink;
import toytcp.stack.channel.TcpStack;

import java.net.InetSocketAddress;

/// Two stacks on one wire in memory that carries each packet from one event loop to the other.
final class MemorySetup extends Setup {
    /// The largest packet of the wire, that of the kernel's loopback but for one octet.
    private static final int MTU = 65535;

    private static final String SERVER = "10.0.1.1";
    private static final String CLIENT = "10.0.0.1";

    // Packets to and from 127.0.0.0/8 do not mix with others.
    private static final String LOOPBACK_SERVER = "127.0.0.1";
    private static final String LOOPBACK_CLIENT = "127.0.0.2";

    private final Side servers;
    private final Side clients;

    /// @param otherLoops whether channels live on other event loops than their links
    MemorySetup(boolean otherLoops) {
        TcpStack server = stack(SERVER, LOOPBACK_SERVER);
        TcpStack client = stack(CLIENT, LOOPBACK_CLIENT);
        EventLoopGroup serverLink = loops("server-link", 1);
        EventLoopGroup clientLink = loops("client-link", 1);
        join(server, serverLink, client, clientLink);
        if (otherLoops) {
            servers = new Side(server, SERVER, loops("boss", 1), loops("server", 2));
            EventLoopGroup loops = loops("client", 2);
            clients = new Side(client, CLIENT, loops, loops);
        } else {
            servers = new Side(server, SERVER, serverLink, serverLink);
            clients = new Side(client, CLIENT, clientLink, clientLink);
        }
    }

    private static TcpStack stack(String address, String loopback) {
        return TcpStack.builder()
                .address(address + "/24")
                .address(loopback + "/8")
                .mtu(MTU)
                .build();
    }

    private static void join(
            TcpStack server,
            EventLoopGroup serverLink,
            TcpStack client,
            EventLoopGroup clientLink) {
        PipeLink serverEnd = new PipeLink();
        PipeLink clientEnd = new PipeLink();
        PipeLink.join(serverEnd, clientEnd);
        serverEnd.pipeline().addLast(server.linkHandler());
        clientEnd.pipeline().addLast(client.linkHandler());
        serverLink.register(serverEnd).syncUninterruptibly();
        clientLink.register(clientEnd).syncUninterruptibly();
    }

    @Override
    Side servers() {
        return servers;
    }

    @Override
    Side clients() {
        return clients;
    }

    @Override
    Side wideServers() {
        return servers;
    }

    @Override
    Side wideClients() {
        return clients;
    }

    @Override
    Side clientsOfKernel() {
        return clients;
    }

    @Override
    Side loopbackServers() {
        return servers.at(LOOPBACK_SERVER);
    }

    @Override
    Side loopbackClients() {
        return clients.at(LOOPBACK_CLIENT);
    }

    @Override
    InetSocketAddress kernelAddress() {
        throw new UnsupportedOperationException("there is no kernel in memory");
    }
}
