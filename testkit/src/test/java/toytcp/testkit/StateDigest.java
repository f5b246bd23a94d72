package toytcp.testkit;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A digest of all that decides what a connection will do: every field, as deep as they go.
///
/// Left out is what only counts for reports, what carries nothing from one call to the next, and what is
/// not of the stack.
final class StateDigest {
    private static final String STACK = "toytcp.stack.tcp.";
    private static final Set<String> LEFT_OUT =
            Set.of("FlowCounters", "TcpConfig", "MemoryBudget", "AckSample");
    private static final Map<Class<?>, Field[]> FIELDS = new HashMap<>();

    private final Map<Object, Integer> seen = new IdentityHashMap<>();
    private long value = 1;

    long value() {
        return value;
    }

    void add(long number) {
        long mixed = value * 31 + number + 0x9e37_79b9_7f4a_7c15L;
        mixed = (mixed ^ mixed >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d0_49bb_1331_11ebL;
        value = mixed ^ mixed >>> 31;
    }

    void add(String text) {
        for (int i = 0; i < text.length(); i++) {
            add(text.charAt(i));
        }
        add(-1);
    }

    void add(@Nullable Object object) {
        switch (object) {
            case null -> add(-2);
            case Enum<?> constant -> add(constant.ordinal());
            case ByteBuf buffer -> {
                add(buffer.readableBytes());
                add(buffer.hashCode());
            }
            case long[] numbers -> {
                for (long number : numbers) {
                    add(number);
                }
            }
            case int[] numbers -> {
                for (int number : numbers) {
                    add(number);
                }
            }
            case byte[] numbers -> {
                for (byte number : numbers) {
                    add(number);
                }
            }
            case Object[] objects -> {
                for (Object one : objects) {
                    add(one);
                }
            }
            case Iterable<?> objects -> objects.forEach(this::add);
            default -> addFields(object);
        }
    }

    private void addFields(Object object) {
        Class<?> type = object.getClass();
        boolean counts =
                type.getName().startsWith(STACK) && !LEFT_OUT.contains(type.getSimpleName());
        if (!counts) {
            return;
        }
        Integer index = seen.putIfAbsent(object, seen.size());
        if (index != null) {
            add(index.longValue());
            return;
        }
        try {
            for (Field field : FIELDS.computeIfAbsent(type, StateDigest::fields)) {
                addField(field, object);
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private void addField(Field field, Object object) throws IllegalAccessException {
        Class<?> type = field.getType();
        if (type == int.class) {
            add(field.getInt(object));
        } else if (type == long.class) {
            add(field.getLong(object));
        } else if (type == boolean.class) {
            add(field.getBoolean(object) ? 1 : 0);
        } else if (type == byte.class) {
            add(field.getByte(object));
        } else if (type == double.class) {
            add(Double.doubleToLongBits(field.getDouble(object)));
        } else {
            add(field.get(object));
        }
    }

    private static Field[] fields(Class<?> type) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
            for (Field field : c.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    field.setAccessible(true);
                    fields.add(field);
                }
            }
        }
        return fields.toArray(Field[]::new);
    }
}
