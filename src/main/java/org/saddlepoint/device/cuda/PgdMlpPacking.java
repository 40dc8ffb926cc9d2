package org.saddlepoint.device.cuda;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Precision;
import org.saddlepoint.threat.Norm;

/** Hands out a block's shared memory: rows first, then whole small matrices, two stages, and rows of what is left. */
final class PgdMlpPacking {
    private static final int WARPS = PgdMlpPlan.THREADS / 32;
    /** kSelectWords of kernels/prelude/step.cuh, for each warp. */
    private static final int SCRATCH_WORDS = 256 * WARPS;
    /** Words along a row that a chunk should have: two sectors of the cache. */
    private static final int ENOUGH_LINE_WORDS = 16;
    /** Features that give all threads something to do. */
    private static final int ENOUGH_FEATURES = 256;

    private final PgdMlpPlan.Shape shape;
    private final int tile;
    private final int budget;
    private final List<Part> parts = new ArrayList<>();
    private int used;

    PgdMlpPacking(PgdMlpPlan.Shape shape, int tile, int budget) {
        this.shape = shape;
        this.tile = tile;
        this.budget = budget;
        for (int i = 0; i < shape.layers(); i++) {
            parts.add(new Part(i, false, shape.out(i), shape.in(i)));
            if (shape.half()) {
                parts.add(new Part(i, true, shape.in(i), shape.out(i)));
            }
        }
    }

    /** A matrix in memory, rows x columns. */
    private final class Part {
        final int layer;
        final boolean back;
        final int rows;
        final int pitch;
        int residentRows;
        int resident;

        Part(int layer, boolean back, int rows, int columns) {
            this.layer = layer;
            this.back = back;
            this.rows = rows;
            this.pitch = shape.half() ? PgdMlpPlan.up(columns, 16) / 2 + 4 : PgdMlpPlan.up(columns, 16) + 4;
        }

        int words() {
            return PgdMlpPlan.up(rows, 16) * pitch;
        }

        void keep(int count) {
            residentRows = count;
            resident = take(PgdMlpPlan.up(count, 16) * pitch);
        }
    }

    private int take(int words) {
        int at = used;
        used += PgdMlpPlan.up(words, 4);
        return at;
    }

    @Nullable
    PgdMlpPlan pack(int leastStageWords) {
        int inputPitch = shape.pitch(shape.in(0));
        int logitPitch = shape.pitch(shape.out(shape.layers() - 1));
        int inputRows = take(tile * inputPitch);
        int[] outputs = new int[shape.layers()];
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = take(tile * shape.pitch(shape.out(i)));
        }
        int logitGradient = take(tile * logitPitch);
        int gradient = shape.norm() == Norm.LINF ? 0 : take(tile * inputPitch);
        int scratch = shape.norm() == Norm.L1 ? take(SCRATCH_WORDS) : 0;
        if (used > budget) {
            return null;
        }
        int stageWords = keepWeights();
        if (stageWords > 0 && stageWords < leastStageWords) {
            return null;
        }
        int stage = take(2 * stageWords);
        List<PgdMlpPlan.LayerPlan> layers = new ArrayList<>();
        for (int i = 0; i < outputs.length; i++) {
            Part ahead = part(i, false);
            PgdMlpPlan.MatrixPlan there = chunks(ahead, true, shape.out(i), shape.in(i), stageWords);
            Part back = shape.half() ? part(i, true) : ahead;
            PgdMlpPlan.MatrixPlan home = chunks(back, shape.half(), shape.in(i), shape.out(i), stageWords);
            if (there == null || home == null) {
                return null;
            }
            layers.add(new PgdMlpPlan.LayerPlan(outputs[i], shape.pitch(shape.out(i)), there, home));
        }
        return new PgdMlpPlan(
                shape,
                tile,
                4 * used,
                inputRows,
                inputPitch,
                gradient,
                logitGradient,
                logitPitch,
                scratch,
                stage,
                stageWords,
                layers);
    }

    private Part part(int layer, boolean back) {
        return parts.stream()
                .filter(part -> part.layer == layer && part.back == back)
                .findFirst()
                .orElseThrow();
    }

    /** Decides what stays; returns the words of a stage, 0 if everything does. */
    private int keepWeights() {
        int left = budget - used;
        List<Part> smallest =
                parts.stream().sorted(Comparator.comparingInt(Part::words)).toList();
        if (smallest.stream().mapToLong(Part::words).sum() <= left) {
            smallest.forEach(part -> part.keep(part.rows));
            return 0;
        }
        // Small matrices stay before stages are cut: a product of one chunk waits for all of it.
        List<Part> large = new ArrayList<>();
        for (Part part : smallest) {
            if (part.words() <= (budget - used) / 4) {
                part.keep(part.rows);
            } else {
                large.add(part);
            }
        }
        int stageWords = Math.min(PgdMlpPlan.ENOUGH_STAGE_WORDS, (budget - used) / 2 / 4 * 4);
        for (Part part : large) {
            int rest = budget - used - 2 * stageWords;
            part.keep(part.words() <= rest ? part.rows : Math.min(part.rows, rest / part.pitch / 16 * 16));
        }
        return stageWords;
    }

    /** The most features that threads can work on side by side. */
    private int capacity() {
        return shape.precision() == Precision.FLOAT32
                ? 4 * (PgdMlpPlan.THREADS / (tile / 8) / 32 * 32)
                : 64 * (WARPS / Math.max(1, tile / 16));
    }

    /** The most rows of a group of features that are not resident, in whole sixteens: so many are read at once. */
    private static int stagedRows(int features, int side, int residentRows) {
        int most = 0;
        for (int first = 0; first < features; first += side) {
            most = Math.max(most, Math.min(first + side, features) - Math.max(first, residentRows));
        }
        return PgdMlpPlan.up(most, 16);
    }

    /** The chunks of a product: of all groups of features that threads can take, those that fill a stage best. */
    private PgdMlpPlan.@Nullable MatrixPlan chunks(Part part, boolean byRows, int features, int depth, int stageWords) {
        PgdMlpPlan.MatrixPlan best = null;
        double bestScore = 0;
        int unit = shape.half() ? 16 : byRows || shape.precision() == Precision.TF32 ? 8 : 4;
        boolean streams = part.residentRows < part.rows;
        for (int groups = 1; groups <= PgdMlpPlan.up(features, 16) / 16; groups++) {
            int side = PgdMlpPlan.up((features + groups - 1) / groups, 16);
            if (side > capacity()) {
                continue;
            }
            int most = unit; // without a stage it does not matter
            if (streams) {
                most = byRows
                        ? (stageWords / stagedRows(features, side, part.residentRows) - 4) * (shape.half() ? 2 : 1)
                        : Math.min(stageWords / (side + 8), PgdMlpPlan.up(depth - part.residentRows, unit));
            }
            int extent = Math.min(most / unit * unit, PgdMlpPlan.up(depth, unit));
            // What a chunk brings; less where it takes but a few words from each row of the matrix, or leaves
            // threads
            // without work. Ties: fewer groups.
            int line = byRows ? (shape.half() ? extent / 2 : extent) : side;
            double busy = Math.min(1.0, (double) side / Math.min(PgdMlpPlan.up(features, 16), ENOUGH_FEATURES));
            double score = (double) side * extent * busy * Math.min(1.0, (double) line / ENOUGH_LINE_WORDS);
            if (score > bestScore) {
                bestScore = score;
                best = new PgdMlpPlan.MatrixPlan(part.resident, part.residentRows, part.pitch, side, extent);
            }
        }
        return best;
    }
}
