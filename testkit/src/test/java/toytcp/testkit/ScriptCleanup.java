package toytcp.testkit;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Finishes the scripts of each test, so that a test need not. Found by the service loader.
public final class ScriptCleanup implements AfterEachCallback {
    @Override
    public void afterEach(ExtensionContext context) {
        TcpScript.finishAll();
    }
}
