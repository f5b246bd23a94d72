package toytcp.stack.tcp;

import toytcp.codec.SeqNum;

/// F-RTO: was the retransmission timer right (RFC 5682)?
///
/// After the first retransmission new segments are sent instead of old ones. If the answer tells that
/// something arrived which was sent before the timeout, and only once, then it was merely late, and the timeout
/// was spurious. One algorithm for both variants of the RFC: what a peer reports by SACK counts as what it
/// acknowledges.
final class ForwardRto {
    /// What an ACK tells.
    enum Verdict {
        /// Nothing yet.
        UNKNOWN,
        /// Step 2b: up to two new segments are to be sent.
        SEND_NEW,
        /// Step 2a or 3a: something was lost.
        REAL,
        /// Step 3b.
        SPURIOUS
    }

    private enum Step {
        OFF,
        FIRST_ACK,
        SECOND_ACK
    }

    private final boolean selective;
    private Step step = Step.OFF;

    /// The sequence number after what step 1 sent again.
    private int sentAgain;

    private int allowance;

    /// @param selective whether the peer sends SACK blocks
    ForwardRto(boolean selective) {
        this.selective = selective;
    }

    /// Step 1: the timer expired.
    ///
    /// @param eligible whether no other recovery is going on
    /// @param end the sequence number after what is sent again now
    void onTimeout(boolean eligible, int end) {
        step = eligible ? Step.FIRST_ACK : Step.OFF;
        sentAgain = end;
    }

    void stop() {
        step = Step.OFF;
    }

    /// Whether a verdict is still to come.
    boolean isWaiting() {
        return step != Step.OFF;
    }

    /// Whether new segments go first, and no others.
    boolean isProbing() {
        return step == Step.SECOND_ACK;
    }

    /// How many octets of them may leave.
    int allowance() {
        return allowance;
    }

    /// New octets left.
    void onSent(int octets) {
        allowance -= octets;
    }

    /// Steps 2 and 3; SND.NXT is RecoveryPoint in step 2, since nothing new was sent since.
    ///
    /// @param advances whether SND.UNA moved
    /// @param news whether the ACK is a duplicate, or reports something by SACK
    /// @param original whether something was delivered that was sent once only, before the timeout
    /// @param beyond whether something was delivered that was sent after the timeout
    /// @param room whether there is a new segment to send, and room for it
    Verdict onAck(
            SendSequence snd,
            boolean advances,
            boolean news,
            boolean original,
            boolean beyond,
            boolean room) {
        if (step == Step.FIRST_ACK && advances) {
            boolean probes = room && SeqNum.geq(snd.una, sentAgain);
            step = probes ? Step.SECOND_ACK : Step.OFF;
            allowance = 2 * snd.mss;
            return probes ? Verdict.SEND_NEW : Verdict.REAL;
        }
        if (step == Step.FIRST_ACK && news && !selective) {
            // Without SACK a duplicate says no more than that something is missing (2.1, step 2a).
            step = Step.OFF;
        }
        if (step == Step.SECOND_ACK && (advances || news)) {
            step = Step.OFF;
            return original && !beyond ? Verdict.SPURIOUS : Verdict.REAL;
        }
        return Verdict.UNKNOWN;
    }
}
