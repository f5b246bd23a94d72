/// The command line of toytcp: an echo client and its siblings, written as any program on Netty is.
///
/// [Main] parses, each verb is one class, and [UserStack] is the only place that knows that the
/// channels come from this stack and not from the kernel.
package toytcp.demo;
