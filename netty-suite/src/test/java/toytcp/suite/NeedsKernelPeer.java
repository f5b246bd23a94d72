package toytcp.suite;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// A test of the suite with a kernel socket at the other end: it runs where there is one.
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsKernelPeer.Condition.class)
public @interface NeedsKernelPeer {
    /// Whether this set-up has one.
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return Setup.hasKernelPeer()
                    ? ConditionEvaluationResult.enabled("the other end can be a kernel socket")
                    : ConditionEvaluationResult.disabled(
                            "has a kernel socket at the other end: runs in the set-up raw");
        }
    }
}
