package toytcp.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// An echo server for one client over the TCP of the kernel: `ADDR PORT`. Not `nc` with a loop of
/// pipes: at the client's FIN that ends with bytes still in the loop.
final class EchoPeer {
    private EchoPeer() {}

    public static void main(String[] arguments) throws IOException {
        InetAddress address = InetAddress.getByName(arguments[0]);
        try (ServerSocket server = new ServerSocket(Integer.parseInt(arguments[1]), 1, address)) {
            System.err.println("listening");
            try (Socket client = server.accept()) {
                client.getInputStream().transferTo(client.getOutputStream());
            }
        }
    }
}
