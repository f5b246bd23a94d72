package toytcp.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static toytcp.lab.Lab.ADDRESS1;
import static toytcp.lab.Lab.ADDRESS2;
import static toytcp.lab.Lab.HOST1;
import static toytcp.lab.Lab.HOST2;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import toytcp.lab.Child;
import toytcp.lab.InLab;
import toytcp.lab.Lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Small conversations with `nc` and with a crowd of sockets of the kernel.
@ExtendWith(InLab.class)
@Timeout(180)
class EchoNamespaceTest {
    @Test
    void theDemoWorksTwiceInARow(Lab lab) throws Exception {
        for (int i = 0; i < 2; i++) {
            try (Child demo = lab.setup("demo")) {
                String text = new String(demo.output());
                assertTrue(text.contains("came back Goodbye."), text);
                assertTrue(demo.talk().stream().anyMatch(line -> line.contains("SYN")), "no log");
            }
        }
    }

    @Test
    void ourClientHearsTheEchoOfTheKernel(Lab lab) throws Exception {
        Path input = lab.randomFile(3_000_000);
        try (Child peer = lab.peer(HOST2, EchoPeer.class, ADDRESS2, "40001")) {
            peer.line("listening");
            try (Child client =
                    lab.toytcp(HOST1, input, "echo-client", ADDRESS2, "40001", "--log", "info")) {
                client.succeeds();
                assertArrayEquals(Files.readAllBytes(input), client.output());
            }
            peer.succeeds();
        }
    }

    @Test
    void ncHearsTheEchoOfOurServer(Lab lab) throws Exception {
        Path input = lab.randomFile(300_000);
        try (Child server = server(lab, "40002")) {
            for (int i = 0; i < 3; i++) {
                try (Child nc =
                        lab.start(HOST2, input, List.of("nc", "-n", "-N", ADDRESS1, "40002"))) {
                    nc.succeeds();
                    assertArrayEquals(Files.readAllBytes(input), nc.output());
                }
            }
            server.signal("INT");
            server.succeeds();
        }
    }

    @Test
    void aPortThatNobodyServesIsRefusedAsUsual(Lab lab) throws Exception {
        try (Child server = server(lab, "40003");
                Child nc = lab.start(HOST2, "nc", "-n", "-v", "-w", "5", ADDRESS1, "40004")) {
            nc.line("refused");
            assertEquals(1, nc.exitCode());
            assertTrue(server.isAlive());
        }
    }

    @Test
    void ourClientIsRefusedInOneLine(Lab lab) throws Exception {
        try (Child client = lab.toytcp(HOST1, "echo-client", ADDRESS2, "40005")) {
            assertEquals(1, client.exitCode());
            assertEquals(1, client.talk().size(), client::toString);
            assertTrue(client.talk().getFirst().contains("refused"), client::toString);
        }
    }

    @Test
    void withoutTheRightForRawSocketsOneLineSaysSo(Lab lab) throws Exception {
        List<String> command = Lab.toytcpCommand();
        command.addAll(0, List.of("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"));
        command.addAll(List.of("echo-server", ADDRESS1, "40006"));
        try (Child server = lab.start(HOST1, null, command)) {
            assertEquals(1, server.exitCode());
            assertEquals(1, server.talk().size(), server::toString);
            assertTrue(server.talk().getFirst().contains("CAP_NET_RAW"), server::toString);
        }
    }

    @Test
    void aPortOfTheKernelIsNotTakenAway(Lab lab) throws Exception {
        try (Child nc = lab.listen(HOST1, null, "40007");
                Child server = lab.toytcp(HOST1, "echo-server", ADDRESS1, "40007")) {
            assertEquals(1, server.exitCode());
            assertEquals(1, server.talk().size(), server::toString);
            assertTrue(server.talk().getFirst().contains("40007"), server::toString);
            assertTrue(nc.isAlive());
        }
    }

    @Test
    void twoHundredClientsAtOnceGetTheirOwnBytesBack(Lab lab) throws Exception {
        try (Child server = server(lab, "40008");
                Child clients = lab.peer(HOST2, EchoCrowd.class, ADDRESS1, "40008", "200")) {
            clients.succeeds();
            assertEquals("200 of 200\n", new String(clients.output()), clients::toString);
            server.signal("INT");
            server.succeeds();
        }
    }

    @Test
    void anInterruptClosesOurClientWithFin(Lab lab) throws Exception {
        try (Child nc = lab.listen(HOST2, null, "40009");
                Child client = interruptible(lab, "40009")) {
            client.line("connected");
            client.signal("INT");
            client.succeeds();
            nc.succeeds();
        }
    }

    /// Its input stays open: a pipe that nobody writes to.
    private static Child interruptible(Lab lab, String port) throws Exception {
        List<String> command = Lab.toytcpCommand();
        command.addAll(0, List.of("bash", "-c", "exec \"$@\" < <(exec tail -f /dev/null)", "-"));
        command.addAll(List.of("echo-client", ADDRESS2, port));
        return lab.start(HOST1, null, command);
    }

    private static Child server(Lab lab, String port) throws Exception {
        Child server = lab.toytcp(HOST1, "echo-server", ADDRESS1, port, "--log", "info");
        server.line("listening on " + ADDRESS1 + ":" + port);
        return server;
    }
}
