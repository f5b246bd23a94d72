package toytcp.stack.tcp;

import toytcp.codec.IcmpError;

/// MTUs that are likely on a path, for routers that do not tell theirs (RFC 1191, 5 and 7.1).
final class Plateaus {
    /// Table 7-1.
    private static final int[] TABLE = {
        65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68
    };

    private Plateaus() {}

    /// "the greatest plateau value that is less than the returned Total Length field".
    ///
    /// @param error quotes the packet that was too large
    /// @param current the path MTU that is assumed
    static int below(IcmpError error, int current) {
        int length = error.length();
        if (length >= current) {
            // Routers derived from 4.2BSD add the header length to it: "the host must be
            // conservative".
            length -= error.headerLength();
        }
        for (int plateau : TABLE) {
            if (plateau < length) {
                return plateau;
            }
        }
        return 0;
    }
}
