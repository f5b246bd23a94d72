/// The sender beside the kernel's: the same flows over the same bad path, to the same receiver.
package toytcp.bench.path;
