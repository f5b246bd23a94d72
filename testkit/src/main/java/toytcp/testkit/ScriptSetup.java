package toytcp.testkit;

import toytcp.stack.tcp.MemoryBudget;
import toytcp.stack.tcp.TcpConfig;

import java.time.Duration;
import java.util.function.Consumer;

/// How a [TcpScript] begins: made by [TcpScript#with], finished by [#established()] and its siblings.
///
/// ```java
/// var tcp = TcpScript.with(config -> config.sack = true)
///         .peerOptions("mss 1000,sackOK,TS")
///         .peerWindow(5000)
///         .established();
/// ```
public final class ScriptSetup {
    private final TcpConfig config;
    private String peerOptions;
    private int peerWindow = 65535;
    private int iss;
    private int irs;
    private long roundTripNanos;
    private boolean holdsSyn;
    private MemoryBudget memory = MemoryBudget.unlimited();

    ScriptSetup(Consumer<TcpConfig.Draft> change) {
        config = TcpConfig.DEFAULT.with(change);
        peerOptions = "mss " + config.maximumSegmentSize();
    }

    /// The options of the peer's SYN: `mss 1000,sackOK,TS,wscale 7`; empty for none.
    ///
    /// Without this call the peer's only option is our own maximum segment size, so neither
    /// timestamps nor SACK nor window scaling are in use, whatever we offer. `TS` without values
    /// means that the peer's clock fills them in.
    public ScriptSetup peerOptions(String options) {
        peerOptions = options;
        return this;
    }

    /// The window field of the peer's SYN, 0 to 65535; also the window of every segment of the peer
    /// whose text has none. 65535 without this call.
    public ScriptSetup peerWindow(int octets) {
        peerWindow = octets;
        return this;
    }

    /// Our initial sequence number; 0 without this call. The text stays relative to it.
    public ScriptSetup iss(int value) {
        iss = value;
        return this;
    }

    /// The peer's initial sequence number; 0 without this call. The text stays relative to it.
    public ScriptSetup irs(int value) {
        irs = value;
        return this;
    }

    /// How long the peer takes to answer in the handshake: the first measured round trip. Zero
    /// without this call.
    public ScriptSetup roundTrip(Duration time) {
        roundTripNanos = time.toNanos();
        return this;
    }

    /// The memory that the connection shares with others. Without this call there is no limit.
    public ScriptSetup memory(MemoryBudget budget) {
        memory = budget;
        return this;
    }

    /// For [#listening()]: a SYN stays pending until [TcpScript#accept] or [TcpScript#reject].
    public ScriptSetup holdSyn() {
        holdsSyn = true;
        return this;
    }

    /// A script in CLOSED; go on with [TcpScript#open].
    public TcpScript closed() {
        return new TcpScript(config, memory, iss, irs);
    }

    /// A script in LISTEN.
    public TcpScript listening() {
        TcpScript script = closed();
        script.subject().listen(holdsSyn);
        return script;
    }

    /// A script in SYN-SENT, its SYN taken.
    public TcpScript opening() {
        return closed().open().out("S 0:0");
    }

    /// A script in ESTABLISHED after a real handshake by active open.
    public TcpScript established() {
        return opening()
                .after(Duration.ofNanos(roundTripNanos))
                .in("S. 0:0 ack 1 win " + peerWindow + " <" + peerOptions + ">")
                .out(". 1:1 ack 1")
                .begin();
    }

    /// A script in ESTABLISHED after a real handshake by passive open.
    public TcpScript establishedPassive() {
        return listening()
                .in("S 0:0 win " + peerWindow + " <" + peerOptions + ">")
                .out("S. 0:0 ack 1")
                .after(Duration.ofNanos(roundTripNanos))
                .in(". 1:1 ack 1")
                .begin();
    }
}
