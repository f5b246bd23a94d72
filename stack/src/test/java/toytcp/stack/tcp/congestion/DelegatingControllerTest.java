package toytcp.stack.tcp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

class DelegatingControllerTest {
    private static final List<Object> VALUES = List.of(7, 8L, true, "inner", new AckSample());

    private final List<String> calls = new ArrayList<>();

    /// A default that is not passed on would hide what the other algorithm does about it.
    @ParameterizedTest
    @MethodSource
    void everyMethodIsPassedOn(Method method) throws ReflectiveOperationException {
        var inner =
                (CongestionController)
                        Proxy.newProxyInstance(
                                getClass().getClassLoader(),
                                new Class<?>[] {CongestionController.class},
                                (proxy, called, arguments) -> {
                                    calls.add(called.getName() + Arrays.toString(arguments));
                                    return value(called.getReturnType());
                                });
        Object[] arguments =
                Stream.of(method.getParameterTypes())
                        .map(DelegatingControllerTest::value)
                        .toArray();
        Object answer = method.invoke(new DelegatingController(inner) {}, arguments);
        assertEquals(value(method.getReturnType()), answer);
        String expected = Arrays.toString(arguments.length == 0 ? null : arguments);
        assertEquals(List.of(method.getName() + expected), calls);
    }

    static Stream<Method> everyMethodIsPassedOn() {
        return Stream.of(CongestionController.class.getMethods());
    }

    /// Null for `void`.
    private static Object value(Class<?> type) {
        Object wrapped = MethodType.methodType(type).wrap().returnType();
        return VALUES.stream().filter(v -> v.getClass() == wrapped).findFirst().orElse(null);
    }
}
