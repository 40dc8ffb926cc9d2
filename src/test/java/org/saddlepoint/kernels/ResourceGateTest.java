package org.saddlepoint.kernels;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.saddlepoint.kernels.ResourceTable.Row;

/**
 * No kernel spills, has a stack frame, or uses more than its row in kernels/resources.tsv allows. With -Dresources.update the
 * table is written anew instead.
 */
class ResourceGateTest {
    private static final Path FATBIN = Path.of("target/classes/org/saddlepoint/device/cuda/kernels.fatbin");
    private static final Path LOG = Path.of("target/native/kernels/ptxas.log");
    private static final Path TABLE = Path.of("kernels/resources.tsv");
    private static final Pattern COMPILER = Pattern.compile("Cuda compilation tools, (release [0-9.]+, V[0-9.]+)");

    @Test
    void everyKernelStaysWithinTheTable() throws IOException {
        Assumptions.assumeTrue(Files.exists(FATBIN), "this build has no CUDA kernels: nvcc was not found");
        String fatbin = Files.readString(FATBIN, ISO_8859_1);
        String compiler = compilerOf(fatbin);
        List<KernelUsage> usages = KernelUsage.parse(Files.readString(LOG), fatbin);
        ResourceTable table = ResourceTable.read(TABLE);
        List<String> objections = new ArrayList<>();
        if (System.getProperty("resources.update") != null) {
            table = table.updated(compiler, usages);
            table.write(TABLE);
            objections.addAll(ResourceTable.defects(usages));
        } else {
            objections.addAll(table.objections(compiler, usages));
        }
        objections.addAll(table.impossible());
        if (!objections.isEmpty()) {
            fail(
                    "%s compiled kernels that %s does not allow (its head says how to write it anew):%n  %s",
                    compiler, TABLE, String.join("\n  ", objections));
        }
    }

    private static String compilerOf(String fatbin) {
        Matcher compiler = COMPILER.matcher(fatbin);
        return compiler.find() ? "nvcc " + compiler.group(1) : "an unknown compiler";
    }

    /** Against NVIDIA's occupancy calculator, worked by hand: each row has another limit. */
    @ParameterizedTest(name = "sm_{0}, {1} threads, {2} registers, {3} bytes: {4} blocks")
    @CsvSource({
        "90, 256, 32, 0, 8", // warps
        "80, 32, 16, 0, 32", // blocks
        "86, 32, 16, 0, 16",
        "90, 256, 128, 0, 2", // registers: 4096 a warp, 4 warps a partition
        "90, 256, 129, 0, 1", // rounded up to 136
        "90, 128, 168, 0, 3", // 5376 a warp: 3 warps a partition
        "90, 1024, 255, 0, 0",
        "86, 128, 32, 50176, 2", // shared: 50 KiB with the reserved one
        "86, 128, 32, 50177, 1",
        "90, 128, 32, 232448, 1",
        "90, 128, 32, 232449, 0",
        "120, 64, 24, 0, 24"
    })
    void occupancy(int architecture, int threads, int registers, int shared, int blocks) {
        assertThat(Multiprocessor.of(architecture).blocks(threads, registers, shared))
                .isEqualTo(blocks);
    }

    @Test
    void aKernelThatUsesMoreIsNamed() {
        ResourceTable table = table("nvcc 1", usage("forward", 40, 0, 0, 0));
        assertThat(table.objections("nvcc 1", onAll(usage("forward", 40, 0, 0, 0))))
                .isEmpty();
        assertThat(table.objections("nvcc 1", onAll(usage("forward", 32, 0, 0, 0))))
                .isEmpty();
        assertThat(table.objections("nvcc 1", onAll(usage("forward", 41, 0, 0, 0))))
                .hasSize(6)
                .contains(
                        "forward on sm_90 uses 41 registers, the table allows 40; 5 blocks of 8 warps on a multiprocessor,"
                                + " the table says 6");
        assertThat(table.objections("nvcc 1", onAll(usage("forward", 40, 128, 0, 0))))
                .hasSize(6);
        assertThat(table.objections("nvcc 1", onAll(usage("forward", 40, 0, 8, 0))))
                .hasSize(6)
                .contains("forward on sm_80 has a stack frame of 8 bytes");
        assertThat(table.objections("nvcc 1", onAll(usage("forward", 40, 0, 0, 4))))
                .hasSize(6)
                .contains("forward on sm_80 spills: 4 bytes stored and loaded");
        assertThat(table.objections("nvcc 1", onAll(usage("backward", 40, 0, 0, 0))))
                .hasSize(12)
                .contains("backward on sm_86 is not in the table")
                .contains("forward on sm_86 is in the table, but there is no such kernel");
        assertThat(table.objections("nvcc 1", List.of(usage("forward", 40, 0, 0, 0))))
                .contains("forward was compiled for 1 architectures instead of 6");
    }

    @Test
    void anotherCompilerMayUseOtherRegistersAtTheSameOccupancy() {
        ResourceTable table = table("nvcc 1", usage("forward", 38, 0, 0, 0));
        assertThat(table.objections("nvcc 2", onAll(usage("forward", 40, 0, 0, 0))))
                .isEmpty();
        assertThat(table.objections("nvcc 2", onAll(usage("forward", 64, 0, 0, 0))))
                .hasSize(6);
    }

    @Test
    void theCompilersLogIsUnderstood() {
        String log = """
                ptxas info    : 0 bytes gmem
                ptxas info    : Compiling entry function 'sum' for 'sm_90'
                ptxas info    : Function properties for sum
                    16 bytes stack frame, 8 bytes spill stores, 12 bytes spill loads
                ptxas info    : Used 26 registers, used 1 barriers, 2048 bytes smem, 552 bytes cmem[0]
                ptxas info    : Compile time = 4.1 ms
                ptxas info    : Compiling entry function 'arg_max' for 'sm_90'
                ptxas info    : Function properties for arg_max
                    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
                ptxas info    : Used 12 registers, used 0 barriers
                """;
        String ptx = """
                .visible .entry sum(
                	.param .u64 sum_param_0,
                	.param .u64 .ptr .align 1 sum_param_1
                )
                .maxntid 256, 1, 1
                {
                .visible .entry arg_max(
                	.param .u32 arg_max_param_0
                )
                .maxntid 16, 8, 1
                {
                """;
        assertThat(KernelUsage.parse(log, ptx))
                .containsExactly(
                        new KernelUsage("sum", 90, 26, 2048, 256, 16, 20),
                        new KernelUsage("arg_max", 90, 12, 0, 128, 0, 0));
    }

    private static KernelUsage usage(String kernel, int registers, int shared, int stack, int spills) {
        return new KernelUsage(kernel, 90, registers, shared, 256, stack, spills);
    }

    private static List<KernelUsage> onAll(KernelUsage one) {
        return Multiprocessor.ALL.stream()
                .map(where -> new KernelUsage(
                        one.kernel(),
                        where.architecture(),
                        one.registers(),
                        one.staticShared(),
                        one.maxThreads(),
                        one.stackBytes(),
                        one.spillBytes()))
                .toList();
    }

    private static ResourceTable table(String compiler, KernelUsage usage) {
        return new ResourceTable(
                compiler, onAll(usage).stream().map(each -> Row.of(each, 0)).toList());
    }
}
