package toytcp.stack.tcp.congestion;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/// The congestion control algorithms that can be chosen by name, as by the option TCP_CONGESTION:
/// those of the stack, and those that the class path or module path offers as services of the type
/// [CongestionControllerFactory]. A service cannot take a name that the stack uses itself.
///
/// An algorithm of one's own needs no name here: its factory can be given to the settings of the stack.
public final class CongestionControllers {
    /// To ask a controller for its name; any size will do.
    private static final int SOME_SEGMENT_SIZE = 1460;

    /// One line for each algorithm, the default first; its name is what its controllers call
    /// themselves.
    private static final Map<String, CongestionControllerFactory> OWN =
            byName(List.of(Cubic::new, NewReno::new, Dctcp.FACTORY, Bbr::new));

    private CongestionControllers() {}

    /// The algorithm of this name.
    ///
    /// @throws IllegalArgumentException if there is none; the message lists those that there are
    /// @throws java.util.ServiceConfigurationError if the name is none of the stack's own and a service
    /// cannot be loaded
    public static CongestionControllerFactory of(String name) {
        CongestionControllerFactory own = OWN.get(name);
        if (own != null) {
            return own;
        }
        CongestionControllerFactory factory = Services.ALL.get(name);
        if (factory == null) {
            throw new IllegalArgumentException(
                    "no congestion control is called '%s'; there is: %s"
                            .formatted(name, String.join(", ", names())));
        }
        return factory;
    }

    /// The name of what `factory` makes.
    public static String nameOf(CongestionControllerFactory factory) {
        return factory.create(SOME_SEGMENT_SIZE).name();
    }

    /// The names that [#of] knows, the default first.
    ///
    /// @throws java.util.ServiceConfigurationError if a service cannot be loaded
    public static List<String> names() {
        return List.copyOf(Services.ALL.keySet());
    }

    private static Map<String, CongestionControllerFactory> byName(
            Iterable<CongestionControllerFactory> factories) {
        Map<String, CongestionControllerFactory> named = new LinkedHashMap<>();
        for (CongestionControllerFactory factory : factories) {
            named.putIfAbsent(nameOf(factory), factory);
        }
        return named;
    }

    /// Loaded at the first use, so that a broken service harms only those who ask for one.
    private static final class Services {
        private static final Map<String, CongestionControllerFactory> ALL = all();

        private static Map<String, CongestionControllerFactory> all() {
            ClassLoader loader = CongestionControllers.class.getClassLoader();
            Map<String, CongestionControllerFactory> all = new LinkedHashMap<>(OWN);
            byName(ServiceLoader.load(CongestionControllerFactory.class, loader))
                    .forEach(all::putIfAbsent);
            return all;
        }
    }
}
