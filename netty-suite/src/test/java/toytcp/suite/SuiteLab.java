package toytcp.suite;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

import toytcp.lab.InLab;
import toytcp.lab.Lab;
import toytcp.lab.NetworkNamespace;

/// Makes the lab for the set-up that needs it, and takes it down after the last test. A test's own thread
/// is in the lab's second host, whose kernel is the peer. Found by the service loader.
public final class SuiteLab
        implements ExecutionCondition, BeforeAllCallback, BeforeEachCallback, AfterEachCallback {
    private static volatile Lab lab;

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

    @Override
    public void beforeEach(ExtensionContext context) {
        if (Setup.needsLab()) {
            lab.namespace(Lab.HOST2).enter();
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (Setup.needsLab()) {
            NetworkNamespace.ofThisProcess().enter();
        }
    }

    private static AutoCloseable up(ExtensionContext context) {
        lab = InLab.lab(context);
        try {
            widen(lab, Lab.HOST1, "host1-veth1");
            widen(lab, Lab.ROUTER, "router-veth1");
            widen(lab, Lab.ROUTER, "router-veth2");
            widen(lab, Lab.HOST2, "host2-veth1");
        } catch (Exception e) {
            throw new IllegalStateException("the wires of the lab cannot be widened", e);
        }
        return ((RawSetup) Setup.current())::close;
    }

    /// The suite is written for a loopback interface, and one class of it wants packets as wide.
    private static void widen(Lab lab, String host, String device) throws Exception {
        lab.start(host, "ip", "link", "set", "dev", device, "mtu", "65535").succeeds().close();
    }
}
