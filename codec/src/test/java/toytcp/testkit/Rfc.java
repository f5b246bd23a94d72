package toytcp.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Says which sentence of which RFC a test proves: `@Rfc(number = 9293, section = "3.10.7.4", id =
/// "MUST-59")`.
///
/// Repeatable, because one exchange often proves more than one requirement. Kept at run time: the tables
/// in `docs/rfc*.md` are made from the tests that ran and passed, see [RfcRecorder] and the module
/// `conformance`. It is here, because the tests of `codec` and `stack` use it as well as those of `testkit`,
/// which depends on both.
@Documented
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(Rfc.List.class)
public @interface Rfc {
    /// The number of the RFC: 9293.
    int number();

    /// The section, as the RFC numbers it: `3.10.7.4`.
    String section();

    /// The label of a requirement in the lists of the module `conformance`: `MUST-10`, `SHLD-31`, `MAY-12` of
    /// RFC 9293, a name of our own where the RFC has none. Empty if the test proves no requirement by
    /// itself.
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
