package toytcp.stack.tcp.congestion;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The congestion control algorithms that can be chosen by name, as by the option TCP_CONGESTION.
///
/// An algorithm of one's own needs no name here: give its factory to the settings of the stack.
public final class CongestionControllers {
    /// One line for each algorithm; its name is what its controllers call themselves.
    private static final List<CongestionControllerFactory> ALL = List.of(NewReno::new);

    /// To ask a controller for its name; any size will do.
    private static final int SOME_SEGMENT_SIZE = 1460;

    private static final Map<String, CongestionControllerFactory> BY_NAME = byName();

    private CongestionControllers() {}

    /// The algorithm of this name.
    ///
    /// @throws IllegalArgumentException if there is none; the message lists those that there are
    public static CongestionControllerFactory of(String name) {
        CongestionControllerFactory factory = BY_NAME.get(name);
        if (factory == null) {
            throw new IllegalArgumentException(
                    "no congestion control is called '%s'; there is: %s"
                            .formatted(name, String.join(", ", BY_NAME.keySet())));
        }
        return factory;
    }

    /// The name of what `factory` makes.
    public static String nameOf(CongestionControllerFactory factory) {
        return factory.create(SOME_SEGMENT_SIZE).name();
    }

    /// The names that [#of] knows, the default first.
    public static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }

    private static Map<String, CongestionControllerFactory> byName() {
        Map<String, CongestionControllerFactory> named = new LinkedHashMap<>();
        for (CongestionControllerFactory factory : ALL) {
            named.put(nameOf(factory), factory);
        }
        return named;
    }
}
