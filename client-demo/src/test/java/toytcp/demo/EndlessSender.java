package toytcp.demo;

import java.io.IOException;
import java.net.Socket;

/// Sends zeros over the TCP of the kernel until that fails: `HOST PORT`. Prints why it failed.
final class EndlessSender {
    private EndlessSender() {}

    public static void main(String[] arguments) throws IOException {
        byte[] zeros = new byte[100_000];
        try (Socket socket = new Socket(arguments[0], Integer.parseInt(arguments[1]))) {
            for (long sent = 0; ; sent += zeros.length) {
                if (sent == 10_000_000) {
                    System.err.println("sent " + sent);
                }
                try {
                    socket.getOutputStream().write(zeros);
                } catch (IOException e) {
                    System.out.println(e.getMessage());
                    return;
                }
            }
        }
    }
}
