package toytcp.lab;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/// Gives tests a [Lab], one for the whole run. Where there can be none the tests are skipped with
/// the reason, so are those whose [Needs] are not met; or fail with it if `-Dtoytcp.require.namespaces=true`.
public final class InLab implements ExecutionCondition, ParameterResolver {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        String[] tools =
                AnnotationSupport.findAnnotation(context.getElement(), Needs.class)
                        .map(Needs::value)
                        .orElse(new String[0]);
        String obstacle = Lab.obstacle(tools);
        if (obstacle.isEmpty()) {
            return ConditionEvaluationResult.enabled("a lab can be made");
        }
        if (Boolean.getBoolean("toytcp.require.namespaces")) {
            throw new AssertionError("the tests in namespaces are required, but " + obstacle);
        }
        System.err.println("skipped: " + context.getDisplayName() + ": " + obstacle);
        return ConditionEvaluationResult.disabled(obstacle);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Lab.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return lab(context);
    }

    /// The lab of this run, made by the first call and taken down after the last test.
    public static Lab lab(ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(InLab.class))
                .computeIfAbsent(
                        Lab.class,
                        _ -> {
                            try {
                                return Lab.up();
                            } catch (Exception e) {
                                throw new AssertionError("the lab does not come up", e);
                            }
                        },
                        Lab.class);
    }
}
