package org.saddlepoint.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** {@code kernels/resources.tsv}: what each kernel may use, and how many of its blocks a multiprocessor then holds. */
record ResourceTable(String compiler, List<Row> rows) {
    private static final String COMPILER = "# Compiler: ";
    private static final List<String> COMMENT = List.of(
            "# What each kernel may use on each architecture, and its occupancy: blocks and warps resident on a multiprocessor.",
            "# The resource gate fails a build whose kernels use more, spill, or have a stack frame. After a wanted change:",
            "#   mvn test -Dtest=ResourceGateTest -Dresources.update",
            "# The column dynamic_shared is kept by hand: the bytes that the kernel's launcher asks for.");
    private static final String HEADER =
            "kernel\tarchitecture\tregisters\tstatic_shared\tmax_threads\tdynamic_shared\tblocks\twarps";

    private static final Comparator<Row> ORDER = Comparator.<Row, String>comparing(
                    row -> row.key().kernel())
            .thenComparingInt(row -> row.key().architecture());

    /** Which row. */
    record Key(String kernel, int architecture) {
        @Override
        public String toString() {
            return kernel + " on sm_" + architecture;
        }
    }

    /** One row; occupancy follows from the rest. */
    record Row(Key key, int registers, int staticShared, int maxThreads, int dynamicShared, int blocks, int warps) {
        static Row of(KernelUsage usage, int dynamicShared) {
            int blocks = Multiprocessor.of(usage.architecture())
                    .blocks(usage.maxThreads(), usage.registers(), usage.staticShared() + dynamicShared);
            return new Row(
                    new Key(usage.kernel(), usage.architecture()),
                    usage.registers(),
                    usage.staticShared(),
                    usage.maxThreads(),
                    dynamicShared,
                    blocks,
                    blocks * Multiprocessor.warpsOf(usage.maxThreads()));
        }

        static Row parse(String line) {
            String[] cells = line.split("\t", -1);
            if (cells.length != 8) {
                throw new IllegalArgumentException("a row has 8 cells, not " + cells.length + ": " + line);
            }
            int[] numbers = new int[cells.length];
            for (int i = 1; i < cells.length; i++) {
                numbers[i] = Integer.parseInt(cells[i]);
            }
            return new Row(
                    new Key(cells[0], numbers[1]),
                    numbers[2],
                    numbers[3],
                    numbers[4],
                    numbers[5],
                    numbers[6],
                    numbers[7]);
        }

        String line() {
            return "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d"
                    .formatted(
                            key.kernel,
                            key.architecture,
                            registers,
                            staticShared,
                            maxThreads,
                            dynamicShared,
                            blocks,
                            warps);
        }
    }

    static ResourceTable read(Path file) throws IOException {
        String compiler = "";
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(COMPILER)) {
                compiler = line.substring(COMPILER.length());
            } else if (!line.startsWith("#") && !line.equals(HEADER)) {
                rows.add(Row.parse(line));
            }
        }
        return new ResourceTable(compiler, rows);
    }

    void write(Path file) throws IOException {
        List<String> lines = new ArrayList<>(COMMENT);
        lines.add(COMPILER + compiler);
        lines.add(HEADER);
        rows.stream().sorted(ORDER).map(Row::line).forEach(lines::add);
        Files.write(file, lines);
    }

    /** The table of these usages; dynamic shared memory as in this one. */
    ResourceTable updated(String newCompiler, List<KernelUsage> usages) {
        Map<Key, Row> before = byKey();
        return new ResourceTable(
                newCompiler,
                usages.stream()
                        .map(usage -> {
                            Row old = before.get(new Key(usage.kernel(), usage.architecture()));
                            return Row.of(usage, old == null ? 0 : old.dynamicShared());
                        })
                        .toList());
    }

    /**
     * What speaks against these usages. Another compiler than the table's may use other registers, as long as occupancy does
     * not fall.
     *
     * @param actualCompiler that compiled them
     * @param usages of all kernels
     * @return one line each; empty where all is well
     */
    List<String> objections(String actualCompiler, List<KernelUsage> usages) {
        List<String> objections = new ArrayList<>(defects(usages));
        Map<Key, Row> unseen = new LinkedHashMap<>(byKey());
        for (KernelUsage usage : usages) {
            Key key = new Key(usage.kernel(), usage.architecture());
            Row allowed = unseen.remove(key);
            if (allowed == null) {
                objections.add(key + " is not in the table");
                continue;
            }
            Row actual = Row.of(usage, allowed.dynamicShared());
            String occupancy = "; %d blocks of %d warps on a multiprocessor, the table says %d"
                    .formatted(actual.blocks(), Multiprocessor.warpsOf(actual.maxThreads()), allowed.blocks());
            if (actual.registers() > allowed.registers()
                    && (actualCompiler.equals(compiler) || actual.blocks() < allowed.blocks())) {
                objections.add("%s uses %d registers, the table allows %d%s"
                        .formatted(key, actual.registers(), allowed.registers(), occupancy));
            } else if (actual.staticShared() > allowed.staticShared()) {
                objections.add("%s uses %d bytes of static shared memory, the table allows %d%s"
                        .formatted(key, actual.staticShared(), allowed.staticShared(), occupancy));
            } else if (actual.maxThreads() != allowed.maxThreads()) {
                objections.add("%s is bound to %d threads, the table says %d%s"
                        .formatted(key, actual.maxThreads(), allowed.maxThreads(), occupancy));
            } else if (actual.blocks() < allowed.blocks()) {
                objections.add(key + " has less occupancy than the table states" + occupancy);
            }
        }
        unseen.keySet().forEach(key -> objections.add(key + " is in the table, but there is no such kernel"));
        return objections;
    }

    /** What no table may allow. */
    static List<String> defects(List<KernelUsage> usages) {
        List<String> defects = new ArrayList<>();
        Map<String, Integer> architectures = new TreeMap<>();
        for (KernelUsage usage : usages) {
            Key key = new Key(usage.kernel(), usage.architecture());
            architectures.merge(usage.kernel(), 1, Integer::sum);
            if (usage.spillBytes() > 0) {
                defects.add(key + " spills: " + usage.spillBytes() + " bytes stored and loaded");
            }
            if (usage.stackBytes() > 0) {
                defects.add(key + " has a stack frame of " + usage.stackBytes() + " bytes");
            }
        }
        architectures.forEach((kernel, count) -> {
            if (count != Multiprocessor.ALL.size()) {
                defects.add(kernel + " was compiled for " + count + " architectures instead of "
                        + Multiprocessor.ALL.size());
            }
        });
        return defects;
    }

    /** Rows whose block cannot run at all. */
    List<String> impossible() {
        return rows.stream()
                .filter(row -> row.blocks() == 0)
                .map(row -> row.key() + " cannot run: a block asks for " + (row.staticShared() + row.dynamicShared())
                        + " bytes of shared memory and " + row.registers() + " registers in each of "
                        + row.maxThreads() + " threads")
                .toList();
    }

    private Map<Key, Row> byKey() {
        Map<Key, Row> byKey = new LinkedHashMap<>();
        for (Row row : rows) {
            if (byKey.put(row.key(), row) != null) {
                throw new IllegalArgumentException(Objects.toString(row.key()) + " has two rows");
            }
        }
        return byKey;
    }
}
