package toytcp.suite;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// A test of the suite whose handler blocks its event loop until the peer has answered. Where that loop
/// is the link's it would wait for packets that it keeps from arriving itself.
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsOtherLoops.Condition.class)
public @interface NeedsOtherLoops {
    /// Whether this set-up has other loops.
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return Setup.hasOtherLoops()
                    ? ConditionEvaluationResult.enabled("the loop that blocks is not the link's")
                    : ConditionEvaluationResult.disabled(
                            "blocks its event loop, here the link's, until the peer answers: runs"
                                    + " in the other set-ups");
        }
    }
}
