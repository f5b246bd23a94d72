package toytcp.bench.path;

/// What one run of one sender gave.
///
/// @param megabits of payload that arrived in order, in a second
/// @param arrivedTwice segments that the receiver's kernel had already when they came again
/// @param segments that arrived at the receiver's kernel
/// @param overflown packets that the wire lost because this machine was too slow
record Run(double megabits, long arrivedTwice, long segments, long overflown) {}
