package toytcp.stack.channel;

import java.util.Arrays;

/// A number for each of many addresses, remembered for a while.
///
/// A fixed number of places, one for each hash of an address, so a flood of addresses costs no memory: an
/// address pushes another one out, which then has to be learnt again.
final class AddressTable {
    private final int places;

    /// Made with the first entry.
    private long[] highs = {};

    private long[] lows = {};
    private long[] ends = {};

    /// 0 in an empty place.
    private int[] numbers = {};

    /// @param places how many there are, a power of two
    AddressTable(int places) {
        this.places = places;
    }

    /// The number of an address, or 0 if none is known.
    int get(long high, long low, long nowNanos) {
        if (numbers.length == 0) {
            return 0;
        }
        int place = place(high, low, places);
        boolean known = lows[place] == low && highs[place] == high && nowNanos < ends[place];
        return known ? numbers[place] : 0;
    }

    /// @param number not 0
    /// @param endNanos until when it is remembered
    void put(long high, long low, int number, long endNanos) {
        if (numbers.length == 0) {
            highs = new long[places];
            lows = new long[places];
            ends = new long[places];
            numbers = new int[places];
        }
        int place = place(high, low, places);
        highs[place] = high;
        lows[place] = low;
        ends[place] = endNanos;
        numbers[place] = number;
    }

    /// The entry of an address ends.
    void forget(long high, long low) {
        if (numbers.length != 0) {
            int place = place(high, low, places);
            if (lows[place] == low && highs[place] == high) {
                numbers[place] = 0;
            }
        }
    }

    /// All entries end.
    void forget() {
        Arrays.fill(numbers, 0);
    }

    /// The place of an address, from 0.
    ///
    /// @param places how many there are, a power of two
    static int place(long high, long low, int places) {
        long hash = (low ^ high * 31) * 0x9e3779b97f4a7c15L;
        return (int) (hash >>> 40) & places - 1;
    }
}
