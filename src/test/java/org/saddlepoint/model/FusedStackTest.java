package org.saddlepoint.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.leakyRelu;
import static org.saddlepoint.model.Layers.relu;
import static org.saddlepoint.model.Layers.sigmoid;
import static org.saddlepoint.model.Layers.tanh;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Cursor;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.Start;
import org.saddlepoint.device.Update;
import org.saddlepoint.loss.Loss;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** The fused loop and the fused update have the bits of the layered path, at any number of threads and ragged sizes. */
final class FusedStackTest {
    private static final List<Model> MODELS = List.of(
            Model.sequential(dense(784, 128), relu(), dense(128, 10)),
            Model.sequential(dense(17, 31), tanh(), dense(31, 33), leakyRelu(0.1f), dense(33, 3)),
            Model.sequential(dense(127, 1), sigmoid(), dense(1, 2), tanh()),
            Model.sequential(dense(5, 10)));

    record Case(Model model, int n, Norm norm, Loss loss, boolean targeted, boolean keep, int threads) {
        @Override
        public String toString() {
            return "%s, %d examples, %s, %s%s%s, %d threads"
                    .formatted(
                            model,
                            n,
                            norm.label(),
                            loss.name(),
                            targeted ? ", targeted" : "",
                            keep ? ", any iterate" : "",
                            threads);
        }
    }

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        Loss[] losses = {Losses.CROSS_ENTROPY, Losses.MEAN_SQUARED_ERROR, Losses.MARGIN};
        for (Model model : MODELS) {
            for (int n : new int[] {1, 7, 31, 33, 150}) {
                for (Norm norm : Norm.values()) {
                    int k = cases.size();
                    cases.add(new Case(model, n, norm, losses[k % 3], k % 4 == 3, k % 2 == 0, 1 + k % 3));
                }
            }
        }
        return cases.stream();
    }

    /** Everything that a loop and an update of a case leave behind. */
    private static List<float[]> outcome(Case c, boolean fused) {
        int d = c.model.input().size();
        int n = c.n;
        List<float[]> out = new ArrayList<>();
        try (Device device = Device.cpu(c.threads);
                Classifier classifier = Classifier.initialize(c.model, device, 3);
                BoundModel bound = classifier.bind(n + 2);
                BufferArena arena = device.arena()) {
            Random random = new Random(5);
            float[] pixels = new float[n * d];
            int[] labels = new int[n];
            int[] indices = new int[n];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = random.nextInt(4) == 0 ? random.nextInt(2) : random.nextFloat();
            }
            for (int i = 0; i < n; i++) {
                labels[i] = random.nextInt(c.model.classes());
                indices[i] = 1000 + 3 * i;
            }
            Buffer origin = arena.floats((long) n * d);
            origin.write(pixels);
            Buffer x = arena.floats((long) n * d);
            Buffer label = arena.ints(n);
            label.write(labels);
            Buffer index = arena.ints(n);
            index.write(indices);
            BestIterate best =
                    new BestIterate(arena.floats((long) n * d), arena.floats(n), arena.ints(n), arena.ints(n));
            device.operations().fill(n, Float.NEGATIVE_INFINITY, best.objective());
            device.operations().fill(n, -1f, best.beaten());
            Loop.Rule rule = new Loop.Rule(ThreatModel.of(c.norm, 0.2), 6, 0.07f, 3, Start.BALL_AND_BOX, c.targeted);
            RandomStream stream = new RandomStream(9, RandomStream.Purpose.ATTACK_START, 2);
            Loop loop = new Loop(n, origin, label, index, x, rule, stream, 0, best, c.keep);
            if (fused) {
                bound.iterate(loop, c.loss);
            } else {
                bound.iterateLayered(loop, c.loss);
            }
            // With any iterate, x is the last one only of examples that were not beaten.
            Buffer result = c.keep ? best.x() : x;
            out.add(result.floats(n * d));
            out.add(best.objective().floats(n));
            for (Buffer counters : List.of(best.beaten(), best.zeroGradients())) {
                float[] counts = new float[n];
                int[] ints = counters.ints(n);
                for (int i = 0; i < n; i++) {
                    counts[i] = ints[i];
                }
                out.add(counts);
            }
            long length = c.model.parameterCount();
            List<Buffer> state = List.of(arena.floats(length), arena.floats(length));
            for (int step = 1; step <= 3; step++) {
                Operations.OptimizerSettings settings = n % 2 == 0
                        ? new Operations.SgdSettings(0.1f, 0.9f, true, 0.01f)
                        : new Operations.AdamSettings(0.01f, 0.9f, 0.999f, 1e-8f, 0.1f, n == 7);
                Buffer losses = arena.floats(n);
                Buffer predictions = arena.ints(n);
                Update update = new Update(
                        n, result, label, index, 1, 1f / n, losses, predictions, Cursor.at(settings, step), state);
                if (fused) {
                    bound.update(update, c.loss);
                } else {
                    bound.updateLayered(update, c.loss);
                }
                out.add(losses.floats(n));
            }
            out.add(classifier.parameters());
            out.add(classifier.logits(pixels)); // the weights are prepared anew
        }
        return out;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void fusedHasTheBitsOfLayered(Case c) {
        List<float[]> fused = outcome(c, true);
        List<float[]> layered = outcome(c, false);
        for (int i = 0; i < fused.size(); i++) {
            assertThat(fused.get(i)).as("part %d", i).containsExactly(layered.get(i));
        }
        assertThat(fused.getFirst()).doesNotContain(Float.NaN);
    }
}
