package toytcp.testkit.net;

import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Gives a JUnit test a [Network], which is closed when the test is over:
///
/// ```java
/// @Test
/// void survivesAnOutage(@VirtualNetwork(seed = 42) Network net) { .. }
/// ```
///
/// If the test fails, its error tells the seed, and the packets are written to a pcapng file of which it tells the
/// name: in the folder that the system property `toytcp.captures` names, or else in `target/toytcp` or `build/toytcp`,
/// whichever of `target` and `build` there is, or else in the folder for temporary files.
@Documented
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NetworkExtension.class)
public @interface VirtualNetwork {
    /// Decides everything that is random. The system property `toytcp.seed` overrules it, to try others.
    long seed() default 1;
}
