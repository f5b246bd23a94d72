/// What the sender costs: benchmarks by JMH, and a test that an ACK allocates nothing.
package toytcp.bench;
