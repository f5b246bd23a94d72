package toytcp.lab;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Programs that a test in the [Lab] runs, besides those that the lab itself is made with.
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface Needs {
    /// Commands, as in `PATH`.
    String[] value();
}
