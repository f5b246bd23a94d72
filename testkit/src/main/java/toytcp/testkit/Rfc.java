package toytcp.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Says which sentence of which RFC a test proves: `@Rfc(number = 9293, section = "3.10.7.4", id =
/// "MUST-10")`.
///
/// Repeatable, because one exchange often proves more than one requirement. Kept at run time, so a
/// table of what is covered can be made from the tests that ran.
@Documented
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(Rfc.List.class)
public @interface Rfc {
    /// The number of the RFC: 9293.
    int number();

    /// The section, as the RFC numbers it: `3.10.7.4`.
    String section();

    /// The label of a numbered requirement: `MUST-10`, `SHLD-31`, `MAY-12`; empty if it has none.
    String id() default "";

    /// Holds the annotations when there is more than one.
    @Documented
    @Target({ElementType.METHOD, ElementType.TYPE})
    @Retention(RetentionPolicy.RUNTIME)
    @interface List {
        /// The annotations, in the order of the source.
        Rfc[] value();
    }
}
