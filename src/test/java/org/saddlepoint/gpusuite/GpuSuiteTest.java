package org.saddlepoint.gpusuite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The suite itself, on the CPU device. */
class GpuSuiteTest {
    @TempDir
    private Path directory;

    @Test
    void benchmarksGiveOneJsonAndOneTable() throws Exception {
        String said = run(0, "--device", "cpu", "--only", "benchmarks", "--quick", "--out", directory.toString());
        JsonNode json = JsonMapper.shared().readTree(Files.readString(directory.resolve("gpu-suite.json")));
        assertThat(json.get("ok").asBoolean()).isTrue();
        assertThat(json.get("device").get("emulated").asBoolean()).isFalse();
        assertThat(json.get("ceilings").get("fma_gflops").asDouble()).isPositive();
        assertThat(json.get("operations"))
                .isNotEmpty()
                .allMatch(row -> row.get("seconds").asDouble() > 0);
        // Five workloads: float32 and bf16, fused and layered.
        assertThat(json.get("attacks"))
                .hasSize(20)
                .allMatch(row -> row.get("samples_per_second").asDouble() > 0);
        assertThat(json.get("training")).hasSize(10);
        assertThat(Files.readString(directory.resolve("gpu-suite.txt")))
                .contains("Ceilings", "dense_forward 16 x 784 x 128", "layered", "OK after")
                .doesNotContain("EMULATED");
        assertThat(said).contains("OK after");
    }

    @Test
    void whatCannotRunIsSaid() {
        assertThat(run(2, "--device", "abacus")).contains("no device 'abacus'");
        assertThat(run(2, "--only", "coffee")).contains("choose conformance or benchmarks");
        assertThat(run(2, "--out")).contains("--out needs a value");
    }

    /** Not picked up by the build: nested. */
    static class Examples {
        @Test
        void passes() {}

        @Test
        void fails() {
            throw new AssertionError("off by one");
        }

        @Test
        void isSkipped() {
            Assumptions.abort("no such device");
        }
    }

    @Test
    void conformanceCountsWhatPassedFailedAndWasSkipped() {
        StringWriter log = new StringWriter();
        Conformance conformance = Conformance.run(
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectClass(Examples.class))
                        .build(),
                new PrintWriter(log));
        assertThat(conformance.isFailed()).isTrue();
        assertThat(conformance.passedCount()).isEqualTo(1);
        assertThat(conformance.failures()).singleElement().asString().contains("fails()", "off by one");
        assertThat(conformance.skipped()).singleElement().asString().contains("no such device");
        assertThat(log.toString()).contains("FAILED");
    }

    private static String run(int exitCode, String... arguments) {
        StringWriter log = new StringWriter();
        int code = GpuSuite.run(new PrintWriter(log), arguments);
        assertThat(code).as(log.toString()).isEqualTo(exitCode);
        return log.toString();
    }
}
