package toytcp.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static toytcp.lab.Lab.ADDRESS1;
import static toytcp.lab.Lab.ADDRESS2;
import static toytcp.lab.Lab.HOST1;
import static toytcp.lab.Lab.HOST2;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import toytcp.lab.Child;
import toytcp.lab.InLab;
import toytcp.lab.Lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Files between our stack and the kernel's, and between two of ours, over a good and a bad network.
@ExtendWith(InLab.class)
@Timeout(180)
class TransferNamespaceTest {
    private static final int MIB = 1 << 20;

    @ParameterizedTest
    @CsvSource({"100, 0%", "20, 1%", "2, 5%"})
    void aFileReachesTheKernel(int mebibytes, String loss, Lab lab) throws Exception {
        Path file = network(lab, mebibytes, loss);
        try (Child nc = lab.listen(HOST2, null, "41001");
                Child sender = send(lab, file, "41001")) {
            sender.succeeds();
            nc.succeeds();
            assertArrived(file, nc);
        }
    }

    @ParameterizedTest
    @CsvSource({"100, 0%", "20, 1%", "2, 5%"})
    void aFileOfTheKernelReachesUs(int mebibytes, String loss, Lab lab) throws Exception {
        Path file = network(lab, mebibytes, loss);
        try (Child receiver = receive(lab, HOST1, ADDRESS1, "41002");
                Child nc = lab.start(HOST2, file, List.of("nc", "-n", "-N", ADDRESS1, "41002"))) {
            receiver.succeeds();
            nc.succeeds();
            assertArrived(file, receiver);
        }
    }

    @ParameterizedTest
    @CsvSource({"100, 0%", "20, 1%", "2, 5%"})
    void aFileOfOursReachesUs(int mebibytes, String loss, Lab lab) throws Exception {
        Path file = network(lab, mebibytes, loss);
        try (Child receiver = receive(lab, HOST2, ADDRESS2, "41003");
                Child sender = send(lab, file, "41003")) {
            sender.succeeds();
            receiver.succeeds();
            assertArrived(file, receiver);
        }
    }

    @Test
    void aPeerThatClosesItsSideEarlyStillGetsTheWholeFile(Lab lab) throws Exception {
        Path file = network(lab, 10, "0%");
        try (Child nc = lab.listen(HOST2, null, "41004", "-N");
                Child sender = send(lab, file, "41004")) {
            sender.succeeds();
            nc.succeeds();
            assertArrived(file, nc);
        }
    }

    @Test
    void aKilledProgramIsResetForItsPeerAndCanStartAgainAtOnce(Lab lab) throws Exception {
        network(lab, 0, "0%");
        try (Child receiver = receive(lab, HOST1, ADDRESS1, "41005");
                Child peer = lab.peer(HOST2, EndlessSender.class, ADDRESS1, "41005")) {
            peer.line("sent 10000000");
            receiver.kill();
            assertEquals(0, peer.exitCode(20), peer::toString);
            assertTrue(new String(peer.output()).contains("reset"), peer::toString);
        }
        Path file = lab.randomFile(MIB);
        try (Child receiver = receive(lab, HOST1, ADDRESS1, "41005");
                Child nc = lab.start(HOST2, file, List.of("nc", "-n", "-N", ADDRESS1, "41005"))) {
            receiver.succeeds();
            nc.succeeds();
            assertArrived(file, receiver);
        }
    }

    @Test
    void anInterruptedSenderIsResetForItsPeer(Lab lab) throws Exception {
        Path file = network(lab, 100, "1%");
        try (Child receiver = receive(lab, HOST2, ADDRESS2, "41006");
                Child sender = send(lab, file, "41006")) {
            receiver.line("connection");
            sender.signal("INT");
            assertEquals(130, sender.exitCode());
            assertEquals(1, receiver.exitCode(), receiver::toString);
        }
    }

    /// Sets the loss of the router and makes a file.
    private static Path network(Lab lab, int mebibytes, String loss) throws Exception {
        lab.setup("up", "--loss", loss).close();
        return lab.randomFile(mebibytes * MIB);
    }

    private static Child send(Lab lab, Path file, String port) throws Exception {
        return lab.toytcp(HOST1, "send-file", ADDRESS2, port, file.toString(), "--log", "info");
    }

    private static Child receive(Lab lab, String host, String address, String port)
            throws Exception {
        Child receiver = lab.toytcp(host, "receive-file", address, port, "-", "--log", "info");
        receiver.line("listening on " + address + ":" + port);
        return receiver;
    }

    /// Also makes room: 100 MiB are many for a machine that keeps `/tmp` in memory.
    private static void assertArrived(Path file, Child receiver) throws Exception {
        Lab.assertSame(file, receiver.outputFile());
        Files.write(file, new byte[0]);
        Files.write(receiver.outputFile(), new byte[0]);
    }
}
