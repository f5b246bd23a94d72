package toytcp.testkit;

import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;

/// Plays the protocol scripts, which are the tests of package `toytcp.stack.tcp` here, to the kernel:
/// each thread has a host of its own, because most of the time is spent waiting.
final class KernelScripts {
    private static final String PACKAGE = "toytcp.stack.tcp";

    /// What the calls of the core answer to a user who may not make them: not a matter of segments.
    private static final Set<String> LEFT_OUT = Set.of(PACKAGE + ".UserCallsTableTest");

    /// Whoever listens to the tests of this build must not take the kernel's results for the core's.
    private static final LauncherConfig ALONE =
            LauncherConfig.builder().enableTestExecutionListenerAutoRegistration(false).build();

    private final int threads;
    private final long patienceNanos;

    /// What was played, by the name of the script.
    private final Map<String, Played> played = new TreeMap<>();

    private record Played(String uniqueId, KernelOutcome outcome) {}

    /// @param threads how many scripts are played at a time
    /// @param patienceNanos how much time one script may take
    KernelScripts(int threads, long patienceNanos) {
        this.threads = threads;
        this.patienceNanos = patienceNanos;
    }

    /// Plays all scripts, and those whose outcome is not good enough once more in the other modes of
    /// acknowledging: a script may find its match in any, because the choice is Linux's.
    void playAll(Predicate<KernelOutcome> goodEnough) throws InterruptedException {
        List<DiscoverySelector> methods = new ArrayList<>();
        TestPlan plan =
                LauncherFactory.create(ALONE)
                        .discover(request(DiscoverySelectors.selectPackage(PACKAGE)));
        for (TestIdentifier root : plan.getRoots()) {
            for (TestIdentifier test : plan.getDescendants(root)) {
                if (test.getSource().orElse(null) instanceof MethodSource source
                        && !LEFT_OUT.contains(source.getClassName())) {
                    methods.add(DiscoverySelectors.selectUniqueId(test.getUniqueId()));
                }
            }
        }
        play(methods, AckMode.OWN, KernelOutcome::better);
        playAgain(others(goodEnough), AckMode.QUICK, KernelOutcome::better);
        playAgain(others(goodEnough), AckMode.DELAYED, KernelOutcome::better);
    }

    /// Plays some scripts once more, and keeps what is known of them, if it came this time.
    void playAgain(Collection<String> scripts, KernelDifferences known)
            throws InterruptedException {
        for (AckMode mode : AckMode.values()) {
            playAgain(scripts, mode, (before, now) -> known.expects(now) ? now : before);
        }
    }

    private void playAgain(
            Collection<String> scripts, AckMode mode, BinaryOperator<KernelOutcome> keep)
            throws InterruptedException {
        List<DiscoverySelector> again = new ArrayList<>();
        for (String script : scripts) {
            Played before = played.get(script);
            if (before != null) {
                again.add(DiscoverySelectors.selectUniqueId(before.uniqueId));
            }
        }
        play(again, mode, keep);
    }

    /// The latest outcomes, in the order of the names.
    List<KernelOutcome> outcomes() {
        return played.values().stream().map(Played::outcome).toList();
    }

    /// The scripts whose outcome is not like that.
    List<String> others(Predicate<KernelOutcome> outcomes) {
        return outcomes().stream().filter(outcomes.negate()).map(KernelOutcome::script).toList();
    }

    private void play(
            List<DiscoverySelector> selectors, AckMode mode, BinaryOperator<KernelOutcome> keep)
            throws InterruptedException {
        Queue<DiscoverySelector> queue = new ConcurrentLinkedQueue<>(selectors);
        Queue<Played> results = new ConcurrentLinkedQueue<>();
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < Math.min(threads, selectors.size()); i++) {
            Thread thread =
                    Thread.ofPlatform()
                            .daemon()
                            .name("kernel-" + i)
                            .uncaughtExceptionHandler((_, e) -> failures.add(e))
                            .start(() -> work(queue, results, failures, mode));
            all.add(thread);
        }
        for (Thread thread : all) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw new IllegalStateException("a script could not be played", failures.peek());
        }
        for (Played result : results) {
            played.merge(
                    result.outcome.script(),
                    result,
                    (a, b) -> new Played(a.uniqueId, keep.apply(a.outcome, b.outcome)));
        }
    }

    private void work(
            Queue<DiscoverySelector> queue,
            Queue<Played> results,
            Queue<Throwable> failures,
            AckMode mode) {
        try (KernelHost host = new KernelHost()) {
            List<KernelSubject> subjects = new ArrayList<>();
            TcpScript.playTo(
                    setting -> {
                        KernelSubject subject =
                                new KernelSubject(host, setting, patienceNanos, mode);
                        subjects.add(subject);
                        return subject;
                    });
            var listener = new Listener(subjects, results, failures);
            for (DiscoverySelector one = queue.poll(); one != null; one = queue.poll()) {
                LauncherFactory.create(ALONE).execute(request(one), listener);
            }
        }
    }

    private static LauncherDiscoveryRequest request(DiscoverySelector selector) {
        return LauncherDiscoveryRequestBuilder.request()
                .selectors(selector)
                .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
                .configurationParameter(
                        "junit.jupiter.extensions.autodetection.include", "toytcp.testkit.*")
                .build();
    }

    private record Listener(
            List<KernelSubject> subjects, Queue<Played> results, Queue<Throwable> failures)
            implements TestExecutionListener {
        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            // The platform swallows what a listener throws.
            if (!test.isTest()) {
                result.getThrowable().ifPresent(failures::add);
            }
            if (!test.isTest() || !(test.getSource().orElse(null) instanceof MethodSource source)) {
                return;
            }
            String method = source.getMethodName();
            String type = source.getClassName();
            String script = type.substring(type.lastIndexOf('.') + 1) + "." + method;
            if (test.getUniqueId().contains("[test-template-invocation:")) {
                script += ": " + test.getDisplayName();
            }
            Throwable thrown = result.getThrowable().orElse(null);
            int compared = subjects.stream().mapToInt(KernelSubject::compared).sum();
            if (!subjects.isEmpty() || thrown != null) {
                KernelOutcome outcome = KernelOutcome.of(script, thrown, compared);
                results.add(new Played(test.getUniqueId(), outcome));
            }
            subjects.clear();
        }
    }
}
