package toytcp.conformance;

/// A sentence of an RFC that says what a TCP must, should or may do, and what this one does.
///
/// @param id its label in the RFC, or a name of our own where it has none
/// @param section where the sentence stands
/// @param words what it asks for, in words of our own
/// @param note why it is not met; the name of the option behind which it is; else empty
record Requirement(
        String id, Level level, String section, Status status, String words, String note) {

    /// How strongly it is asked for; the negations count as the positive forms.
    enum Level {
        /// also REQUIRED
        MUST,
        /// also RECOMMENDED
        SHOULD,
        /// also OPTIONAL
        MAY
    }

    /// What became of it.
    enum Status {
        /// always
        MET("met"),
        /// if an option is set, which the note names
        OPTION("met, option"),
        /// not, or not wholly, for the reason in the note
        DEVIATES("deviates"),
        /// it does not concern this stack, or is a liberty that it does not take; the note says why
        NOT_APPLICABLE("n/a");

        private final String words;

        Status(String words) {
            this.words = words;
        }

        static Status of(String words) {
            for (Status status : values()) {
                if (status.words.equals(words)) {
                    return status;
                }
            }
            throw new IllegalArgumentException(
                    "a status is met; met, option; deviates or n/a, got: " + words);
        }

        @Override
        public String toString() {
            return words;
        }
    }

    Requirement {
        if (words.isEmpty()) {
            throw new IllegalArgumentException(id + " has no words");
        }
        if (status != Status.MET && note.isEmpty()) {
            throw new IllegalArgumentException(id + " is '" + status + "' and does not say why");
        }
    }

    /// Reads `id | level | section | status | words`, or `... | words | note`.
    static Requirement parse(String line) {
        String[] fields = line.split("\\|", -1);
        if (fields.length < 5 || fields.length > 6) {
            throw new IllegalArgumentException(
                    "id | level | section | status | words | note, got: " + line);
        }
        return new Requirement(
                fields[0].strip(),
                Level.valueOf(fields[1].strip()),
                fields[2].strip(),
                Status.of(fields[3].strip()),
                fields[4].strip(),
                fields.length == 6 ? fields[5].strip() : "");
    }

    /// Whether it is claimed that the stack does this.
    boolean isClaimed() {
        return status == Status.MET || status == Status.OPTION;
    }
}
