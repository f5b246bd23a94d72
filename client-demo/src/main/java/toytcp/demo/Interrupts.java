package toytcp.demo;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;

/// Ctrl-C and SIGTERM: the first one asks, the second one insists, the third one does not wait.
///
/// Until [#set] is called there is nothing to end politely, and the first one ends the program.
final class Interrupts {
    /// The exit code of an interrupted program: 128 + SIGINT.
    static final int EXIT_CODE = 130;

    private final AtomicInteger count = new AtomicInteger();
    private volatile Runnable polite = Interrupts::exit;
    private volatile Runnable rude = Interrupts::exit;

    /// Takes over both signals. `sun.misc.Signal` is the JDK's only door to them, and it is opened by
    /// reflection because the compiler warns about the name unconditionally.
    static Interrupts install() {
        Interrupts interrupts = new Interrupts();
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy =
                    Proxy.newProxyInstance(
                            handler.getClassLoader(),
                            new Class<?>[] {handler},
                            (self, method, arguments) -> {
                                Thread.ofVirtual().start(interrupts::arrived);
                                return null;
                            });
            for (String name : new String[] {"INT", "TERM"}) {
                Object instance = signal.getConstructor(String.class).newInstance(name);
                signal.getMethod("handle", signal, handler).invoke(null, instance, proxy);
            }
        } catch (ReflectiveOperationException e) {
            // A runtime without jdk.unsupported: the JVM then ends at the first signal, as usual.
            return interrupts;
        }
        return interrupts;
    }

    /// What the next signals do; replaces what was set before, but does not forget the count.
    ///
    /// @param polite runs at the first signal, on a thread of its own
    /// @param rude runs at the second signal
    void set(Runnable polite, Runnable rude) {
        this.polite = polite;
        this.rude = rude;
    }

    /// One more signal has come.
    void arrived() {
        switch (count.incrementAndGet()) {
            case 1 -> polite.run();
            case 2 -> rude.run();
            default -> Runtime.getRuntime().halt(EXIT_CODE);
        }
    }

    private static void exit() {
        System.exit(EXIT_CODE);
    }
}
