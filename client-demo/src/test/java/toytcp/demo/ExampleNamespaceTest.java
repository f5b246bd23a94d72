package toytcp.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

/// The program of the README does what it says.
@ExtendWith(InLab.class)
@Timeout(60)
class ExampleNamespaceTest {
    private static final Path ROOT = Path.of(System.getProperty("toytcp.root", ".."));
    private static final Path PROGRAM = ROOT.resolve("docs/Echo.java");
    private static final String[] COMMAND = {
        System.getProperty("java.home") + "/bin/java",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("toytcp.jar", "target/toytcp.jar"),
        PROGRAM.toString()
    };

    @Test
    void itsServerAndItsClientTalkToTheKernel(Lab lab) throws Exception {
        Path question = Files.writeString(lab.file(), "anybody there?\n");
        try (Child peer = lab.peer(HOST2, EchoPeer.class, ADDRESS2, "40000")) {
            peer.line("listening");
            try (Child example = lab.start(HOST1, COMMAND)) {
                prints(lab, example, "hello");
                try (Child nc =
                        lab.start(HOST2, question, List.of("nc", "-n", "-N", ADDRESS1, "7"))) {
                    assertEquals("anybody there?\n", new String(nc.succeeds().output()));
                }
            }
        }
    }

    private static void prints(Lab lab, Child program, String word) throws Exception {
        String wait =
                "until grep -q '" + word + "' " + program.outputFile() + "; do sleep 0.1; done";
        lab.start(HOST1, "timeout", "30", "sh", "-c", wait).succeeds().close();
    }
}
