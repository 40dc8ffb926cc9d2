package org.saddlepoint.gpusuite;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * The tests tagged {@code cuda}, without those that need the emulated driver ({@code emulated}) or long ({@code exhaustive}),
 * on the kinds of device whose names begin with a prefix.
 */
final class Conformance implements TestExecutionListener {
    /** Without these the run proves nothing, however green. */
    private static final List<String> REQUIRED =
            List.of("OperationsConformanceTest", "ModelGradientTest", "FusedLoopTest");

    private final PrintWriter log;
    private final Map<String, Integer> passed = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
    private double seconds;

    private Conformance(PrintWriter log) {
        this.log = log;
    }

    /**
     * Runs the tests of this library.
     *
     * @param kinds the beginning of the names of the kinds of device, such as {@code CUDA}
     * @param log is told of each failure as it happens
     */
    static Conformance run(String kinds, PrintWriter log) {
        System.setProperty("saddlepoint.test.devices", kinds);
        Conformance conformance = run(
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectPackage("org.saddlepoint"))
                        .filters(TagFilter.includeTags("cuda"), TagFilter.excludeTags("emulated", "exhaustive"))
                        .build(),
                log);
        for (String name : REQUIRED) {
            if (!conformance.passed.containsKey(name)) {
                conformance.failures.add("no test of " + name + " passed");
            }
        }
        return conformance;
    }

    static Conformance run(LauncherDiscoveryRequest request, PrintWriter log) {
        Conformance conformance = new Conformance(log);
        long begin = System.nanoTime();
        LauncherFactory.create().execute(request, conformance);
        conformance.seconds = (System.nanoTime() - begin) * 1e-9;
        return conformance;
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        if (test.getSource().orElse(null) instanceof ClassSource) {
            log.println("  " + test.getDisplayName());
            log.flush();
        }
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        skipped.add(name(test) + ": " + reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        String reason = result.getThrowable().map(Throwable::toString).orElse("");
        switch (result.getStatus()) {
            case FAILED -> {
                failures.add(name(test) + ": " + reason);
                log.println("    FAILED " + failures.getLast());
                log.flush();
            }
            case ABORTED -> skipped.add(name(test) + ": " + reason);
            case SUCCESSFUL -> {
                if (test.isTest()) {
                    passed.merge(className(test), 1, Integer::sum);
                }
            }
        }
    }

    private static String name(TestIdentifier test) {
        String method = test.getSource().orElse(null) instanceof MethodSource in ? in.getMethodName() + " " : "";
        return className(test) + " " + method + test.getDisplayName();
    }

    private static String className(TestIdentifier test) {
        TestSource source = test.getSource().orElse(null);
        String full = test.getDisplayName();
        if (source instanceof MethodSource method) {
            full = method.getClassName();
        } else if (source instanceof ClassSource whole) {
            full = whole.getClassName();
        }
        return full.substring(full.lastIndexOf('.') + 1);
    }

    boolean isFailed() {
        return !failures.isEmpty();
    }

    /** Tests that passed, by class. */
    Map<String, Integer> passed() {
        return passed;
    }

    int passedCount() {
        return passed.values().stream().mapToInt(Integer::intValue).sum();
    }

    List<String> failures() {
        return failures;
    }

    /** Those that did not run, with the reason. */
    List<String> skipped() {
        return skipped;
    }

    double seconds() {
        return seconds;
    }
}
