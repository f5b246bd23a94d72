package toytcp.stack.tcp;

import static java.time.Duration.ofMillis;

import org.junit.jupiter.api.Test;

import toytcp.testkit.TcpEvent;
import toytcp.testkit.TcpScript;

/// TCP_CORK: only full segments leave, but nothing waits for more than 200 ms.
class CorkTest {
    private static TcpScript corked() {
        return TcpScript.with(
                        config -> {
                            config.maximumSegmentSize = 1000;
                            config.cork = true;
                        })
                .roundTrip(ofMillis(100))
                .established();
    }

    @Test
    void aPartialSegmentWaitsForMoreOctets() {
        var tcp = corked().write(300).silent().write(300).silent();
        tcp.write(500).out(". 1:1001 ack 1").in(". ack 1001").silent();
        tcp.write(900).out("P. 1001:2001 ack 1").in(". ack 2001").idle();
    }

    @Test
    void itWaitsForTwoHundredMillisecondsAtMost() {
        var tcp = corked().write(300).afterMillis(150).silent().write(300).silent();
        tcp.afterMillis(100).out("+50ms P. 1:601 ack 1").in(". ack 601").idle();
        // The patience begins anew with the next octets.
        tcp.write(10).afterMillis(199).silent().afterMillis(1).out("P. 601:611 ack 1");
        tcp.in(". ack 611").idle();
    }

    @Test
    void pullingTheCorkReleasesWhatItHolds() {
        var tcp = corked().write(300).silent();
        tcp.configure(config -> config.cork = false).out("P. 1:301 ack 1");
        tcp.in(". ack 301").idle().write(10).out("P. 301:311 ack 1");
    }

    @Test
    void switchingNagleOffReleasesItTooButTheCorkStays() {
        var tcp = corked().write(300).silent();
        tcp.configure(config -> config.noDelay = true).out("P. 1:301 ack 1");
        tcp.in(". ack 301").write(10).silent().afterMillis(200).out("+200ms P. 301:311 ack 1");
    }

    @Test
    void theCorkOverridesNoDelay() {
        var tcp = corked().configure(config -> config.noDelay = true).write(300).silent();
        tcp.afterMillis(200).out("+200ms P. 1:301 ack 1");
    }

    @Test
    void aFinReleasesItAtOnce() {
        corked().write(300).silent().shutdown().out("FP. 1:301 ack 1");
        corked().write(300).silent().close().out("FP. 1:301 ack 1");
    }

    @Test
    void whatWasSentIsSentAgainWhateverItsSize() {
        var tcp = corked().write(300).afterMillis(200).out("P. 1:301 ack 1");
        tcp.afterMillis(300).out("+300ms P. 1:301 ack 1").in(". ack 301").idle();
    }

    @Test
    void aClosedWindowIsProbedAsEver() {
        var tcp = corked().in(". ack 1 win 0").write(300).silent();
        tcp.afterMillis(300).out("+300ms . 1:2 ack 1").in(". ack 1 win 5000");
        // An octet of it was out before: this is a retransmission.
        tcp.out("P. 1:301 ack 1").in(". ack 301").idle();
    }

    @Test
    void aSegmentOfHalfTheLargestWindowIsAsFullAsThisPeerTakesThem() {
        var tcp =
                TcpScript.with(
                                config -> {
                                    config.maximumSegmentSize = 1000;
                                    config.cork = true;
                                })
                        .peerWindow(600)
                        .established();
        tcp.write(299).silent().write(1).out("P. 1:301 ack 1");
    }

    @Test
    void anEndedConnectionHasNoCork() {
        corked().write(300).silent().abort().out("R. 1:1 ack 1").event(TcpEvent.CLOSED).idle();
    }
}
