package org.saddlepoint.oracle;

import org.saddlepoint.device.Device;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Knowledge;
import org.saddlepoint.model.Shape;
import org.saddlepoint.model.Victim;

/**
 * A black box: any function that tells the logits, or only the labels, of inputs. Every answer is checked. As safe for use
 * from several threads as the function behind it.
 */
public final class Oracle implements Victim {
    private final Shape input;
    private final int classes;
    private final Device device;
    private final Knowledge knowledge;
    private final Logits function;

    private Oracle(Shape input, int classes, Device device, Knowledge knowledge, Logits function) {
        if (classes < 2) {
            throw new IllegalArgumentException("classes is " + classes + ": an oracle needs at least 2");
        }
        this.input = input;
        this.classes = classes;
        this.device = device;
        this.knowledge = knowledge;
        this.function = function;
    }

    /** Answers with logits. */
    @FunctionalInterface
    public interface Logits {
        /**
         * Answers.
         *
         * @param x n x d values in [0,1], example by example
         * @param n inputs, at least 1
         * @return n x classes finite values, the same for the same input
         */
        float[] of(float[] x, int n);
    }

    /** Answers with labels. */
    @FunctionalInterface
    public interface Labels {
        /**
         * Answers.
         *
         * @param x n x d values in [0,1], example by example
         * @param n inputs, at least 1
         * @return n classes, the same for the same input
         */
        int[] of(float[] x, int n);
    }

    /**
     * An oracle that tells logits.
     *
     * @param input shape of an input
     * @param classes at least 2
     * @param device where attacks keep their state
     * @param function asked about batches of inputs
     * @return the oracle
     */
    public static Oracle ofLogits(Shape input, int classes, Device device, Logits function) {
        return new Oracle(input, classes, device, Knowledge.LOGITS, function);
    }

    /**
     * An oracle that tells labels alone.
     *
     * @param input shape of an input
     * @param classes at least 2
     * @param device where attacks keep their state
     * @param function asked about batches of inputs
     * @return the oracle
     */
    public static Oracle ofLabels(Shape input, int classes, Device device, Labels function) {
        return new Oracle(input, classes, device, Knowledge.LABELS, (x, n) -> oneHot(function.of(x, n), n, classes));
    }

    /**
     * A classifier as a black box.
     *
     * @param classifier asked for its logits; to be closed by the caller after this oracle's last use
     * @return the oracle, on the classifier's device
     */
    public static Oracle of(Classifier classifier) {
        return ofLogits(classifier.input(), classifier.classes(), classifier.device(), (x, n) -> classifier.logits(x));
    }

    /**
     * The same black box, telling labels alone.
     *
     * @return an oracle
     */
    public Oracle labelsOnly() {
        return ofLabels(input, classes, device, (x, n) -> largest(logits(x), n));
    }

    private static float[] oneHot(int[] labels, int n, int classes) {
        if (labels.length != n) {
            throw new OracleException("the oracle told " + labels.length + " labels for " + n + " inputs");
        }
        float[] logits = new float[n * classes];
        for (int i = 0; i < n; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new OracleException("the oracle told the label " + labels[i] + " for input " + i + " of " + n
                        + ": it must lie in 0.." + (classes - 1));
            }
            logits[i * classes + labels[i]] = 1f;
        }
        return logits;
    }

    private int[] largest(float[] logits, int n) {
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            for (int c = 1; c < classes; c++) {
                labels[i] = logits[i * classes + c] > logits[i * classes + labels[i]] ? c : labels[i];
            }
        }
        return labels;
    }

    @Override
    public Shape input() {
        return input;
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public Knowledge knowledge() {
        return knowledge;
    }

    /**
     * {@inheritDoc}
     *
     * @throws OracleException where the answer has another shape, or is not finite
     */
    @Override
    public float[] logits(float[] x) {
        int d = input.size();
        if (x.length % d != 0) {
            throw new IllegalArgumentException(x.length + " values are no whole number of inputs of " + d + " values");
        }
        int n = x.length / d;
        if (n == 0) {
            return new float[0];
        }
        float[] logits = function.of(x, n);
        if (logits.length != (long) n * classes) {
            throw new OracleException("the oracle told " + logits.length + " values for " + n + " inputs of " + classes
                    + " classes: it must tell " + (long) n * classes);
        }
        for (int i = 0; i < logits.length; i++) {
            if (!Float.isFinite(logits[i])) {
                throw new OracleException("the oracle told the logit " + logits[i] + " for class " + i % classes
                        + " of input " + i / classes + " of " + n + ": logits must be finite");
            }
        }
        return logits;
    }

    @Override
    public BoundOracle bind(int batch) {
        return new BoundOracle(this, batch);
    }

    @Override
    public String toString() {
        return "an oracle of " + input + " inputs that tells " + knowledge + " of " + classes + " classes";
    }
}
