package org.saddlepoint.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.attack.AttackOptions;
import org.saddlepoint.attack.AttackResult;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.evaluate.Accuracy;
import org.saddlepoint.format.NpyArray;
import org.saddlepoint.format.Npz;
import org.saddlepoint.model.Knowledge;
import org.saddlepoint.model.Victim;
import org.saddlepoint.report.AttackPicture;
import org.saddlepoint.report.Meter;

/**
 * Adversarial examples of a data set. An example's random start follows from its position, so neither the batch size nor
 * the number of examples changes it.
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
record AdversarialSet(
        Dataset data,
        int target,
        float[] x,
        float[] adversarial,
        int[] labelBefore,
        int[] labelAfter,
        boolean[] success,
        int @Nullable [] queries,
        float[] linf,
        float[] l2,
        float[] l1) {
    /** Examples between two looks at the progress. */
    private static final int CHUNK = 1024;

    static AdversarialSet make(
            Victim victim, Attack attack, Dataset data, int target, AttackOptions options, Meter meter) {
        int n = data.size();
        float[] x = data.values(0, n);
        AdversarialSet set = new AdversarialSet(
                data,
                target,
                x,
                new float[x.length],
                new int[n],
                new int[n],
                new boolean[n],
                victim.knowledge() == Knowledge.GRADIENTS ? null : new int[n],
                new float[n],
                new float[n],
                new float[n]);
        meter.begin("attacking: " + attack.name(), n);
        int chunk = Math.max(CHUNK, options.batchSize());
        for (int from = 0; from < n; from += chunk) {
            int to = Math.min(n, from + chunk);
            set.attack(victim, attack, from, to, options);
            meter.at(to, () -> "");
        }
        return set;
    }

    private void attack(Victim victim, Attack attack, int from, int to, AttackOptions options) {
        int d = data.features();
        int[] indices = new int[to - from];
        Arrays.setAll(indices, i -> from + i);
        int[] labels = Arrays.copyOfRange(data.labels(), from, to);
        if (target >= 0) {
            Arrays.fill(labels, target);
        }
        AttackResult result =
                attack.run(victim, Arrays.copyOfRange(x, from * d, to * d), labels, options.withIndices(indices));
        int count = to - from;
        System.arraycopy(result.adversarial(), 0, adversarial, from * d, count * d);
        System.arraycopy(result.labelBefore(), 0, labelBefore, from, count);
        System.arraycopy(result.labelAfter(), 0, labelAfter, from, count);
        System.arraycopy(result.success(), 0, success, from, count);
        if (queries != null) {
            System.arraycopy(result.queries(), 0, queries, from, count);
        }
        for (int i = 0; i < count; i++) {
            linf[from + i] = atMost(result.linf()[i]);
            l2[from + i] = atMost(result.l2()[i]);
            l1[from + i] = atMost(result.l1()[i]);
        }
    }

    /** The largest float32 not above a distance: within the radius if the distance is. */
    private static float atMost(double distance) {
        float rounded = (float) distance;
        return rounded > distance ? Math.nextDown(rounded) : rounded;
    }

    /** Examples classified correctly as they are. */
    Accuracy clean() {
        int correct = 0;
        for (int i = 0; i < data.size(); i++) {
            correct += labelBefore[i] == data.labels()[i] ? 1 : 0;
        }
        return new Accuracy(correct, data.size());
    }

    /** Examples classified correctly as they are, and not beaten. Those of the target class cannot be. */
    Accuracy robust() {
        int correct = 0;
        for (int i = 0; i < data.size(); i++) {
            boolean beaten = success[i] && data.labels()[i] != target;
            correct += labelBefore[i] == data.labels()[i] && !beaten ? 1 : 0;
        }
        return new Accuracy(correct, data.size());
    }

    void writeNpz(Path file) throws IOException {
        int n = data.size();
        int[] shape = new int[data.shape().length + 1];
        shape[0] = n;
        System.arraycopy(data.shape(), 0, shape, 1, data.shape().length);
        Map<String, NpyArray> arrays = new LinkedHashMap<>();
        arrays.put("x", NpyArray.of(x, shape));
        arrays.put("x_adv", NpyArray.of(adversarial, shape));
        arrays.put("y", NpyArray.of(data.labels(), n));
        arrays.put("label_before", NpyArray.of(labelBefore, n));
        arrays.put("label_after", NpyArray.of(labelAfter, n));
        arrays.put("success", NpyArray.of(success, n));
        arrays.put("linf", NpyArray.of(linf, n));
        arrays.put("l2", NpyArray.of(l2, n));
        arrays.put("l1", NpyArray.of(l1, n));
        try {
            Npz.write(file, arrays);
        } catch (IOException e) {
            throw RunDirectory.unwritable(file, e);
        }
    }

    /** A picture of the examples that say most: those that the attack turned, then others. */
    AttackPicture picture() {
        AttackPicture picture = new AttackPicture(data.shape());
        for (boolean turned : new boolean[] {true, false}) {
            for (int i = 0; i < data.size() && !picture.isFull(); i++) {
                boolean changed = labelBefore[i] == data.labels()[i] && success[i] && labelAfter[i] != labelBefore[i];
                if (changed == turned) {
                    int d = data.features();
                    picture.add(
                            Arrays.copyOfRange(x, i * d, (i + 1) * d),
                            Arrays.copyOfRange(adversarial, i * d, (i + 1) * d),
                            labelBefore[i],
                            labelAfter[i]);
                }
            }
        }
        return picture;
    }
}
