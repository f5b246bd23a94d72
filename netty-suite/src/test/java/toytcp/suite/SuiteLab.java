package toytcp.suite;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

import toytcp.lab.InLab;
import toytcp.lab.Lab;
import toytcp.lab.NetworkNamespace;

/// Makes the lab for the set-up that needs it, and takes it down after the last test. The tests' own
/// thread moves to the lab's second host, whose kernel is the peer. Found by the service loader.
public final class SuiteLab implements ExecutionCondition, BeforeAllCallback {
    private static Lab lab;

    static Lab lab() {
        return lab;
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return Setup.needsLab()
                ? new InLab().evaluateExecutionCondition(context)
                : ConditionEvaluationResult.enabled("needs no lab");
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        if (Setup.needsLab()) {
            context.getRoot()
                    .getStore(Namespace.create(SuiteLab.class))
                    .computeIfAbsent(SuiteLab.class, _ -> up(context), AutoCloseable.class);
        }
    }

    private static AutoCloseable up(ExtensionContext context) {
        lab = InLab.lab(context);
        lab.namespace(Lab.HOST2).enter();
        RawSetup setup = (RawSetup) Setup.current();
        return () -> {
            setup.close();
            // The lab is not taken down from within.
            NetworkNamespace.ofThisProcess().enter();
        };
    }
}
