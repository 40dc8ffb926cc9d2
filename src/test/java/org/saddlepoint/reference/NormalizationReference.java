package org.saddlepoint.reference;

import java.util.Arrays;

/** Batch and layer normalisation: x, dy rows x columns. */
public final class NormalizationReference {
    private NormalizationReference() {}

    /** Mean of each column. */
    public static double[] means(int rows, int columns, double[] x) {
        double[] mean = new double[columns];
        for (int i = 0; i < rows * columns; i++) {
            mean[i % columns] += x[i] / rows;
        }
        return mean;
    }

    /** Biased variance of each column. */
    public static double[] variances(int rows, int columns, double[] x) {
        double[] mean = means(rows, columns, x);
        double[] variance = new double[columns];
        for (int i = 0; i < rows * columns; i++) {
            double deviation = x[i] - mean[i % columns];
            variance[i % columns] += deviation * deviation / rows;
        }
        return variance;
    }

    /** A running statistic, moved. */
    public static double moved(double running, double statistic, double momentum) {
        return (1 - momentum) * running + momentum * statistic;
    }

    /** Batch normalisation with given statistics. */
    public static double[] batchNorm(
            int rows,
            int columns,
            double[] x,
            double[] mean,
            double[] variance,
            double epsilon,
            double[] weight,
            double[] bias) {
        double[] y = new double[rows * columns];
        for (int i = 0; i < y.length; i++) {
            int c = i % columns;
            y[i] = weight[c] * (x[i] - mean[c]) / Math.sqrt(variance[c] + epsilon) + bias[c];
        }
        return y;
    }

    /**
     * Gradients with respect to input, weight and bias.
     *
     * @param input rows x columns
     * @param weight columns
     * @param bias columns
     */
    @SuppressWarnings("ArrayRecordComponent") // a triple of results, never compared
    public record Gradients(double[] input, double[] weight, double[] bias) {}

    /** Of batch normalisation with the batch's own statistics, which are given. */
    public static Gradients batchNormGradients(
            int rows,
            int columns,
            double[] x,
            double[] dy,
            double[] mean,
            double[] variance,
            double epsilon,
            double[] weight) {
        double[] dw = new double[columns];
        double[] db = new double[columns];
        for (int i = 0; i < rows * columns; i++) {
            int c = i % columns;
            db[c] += dy[i];
            dw[c] += dy[i] * (x[i] - mean[c]) / Math.sqrt(variance[c] + epsilon);
        }
        double[] dx = new double[rows * columns];
        for (int i = 0; i < dx.length; i++) {
            int c = i % columns;
            double inverse = 1 / Math.sqrt(variance[c] + epsilon);
            dx[i] = weight[c] * inverse * (dy[i] - db[c] / rows - (x[i] - mean[c]) * inverse * dw[c] / rows);
        }
        return new Gradients(dx, dw, db);
    }

    /** (x - mean) / sqrt(variance + epsilon), with mean and biased variance of each row. */
    public static double[] normalizedRows(int rows, int columns, double[] x, double epsilon) {
        double[] out = new double[rows * columns];
        for (int i = 0; i < rows; i++) {
            double mean = 0;
            for (int j = 0; j < columns; j++) {
                mean += x[i * columns + j] / columns;
            }
            double variance = 0;
            for (int j = 0; j < columns; j++) {
                variance += Math.pow(x[i * columns + j] - mean, 2) / columns;
            }
            for (int j = 0; j < columns; j++) {
                out[i * columns + j] = (x[i * columns + j] - mean) / Math.sqrt(variance + epsilon);
            }
        }
        return out;
    }

    /** Of layer normalisation. */
    public static Gradients layerNormGradients(
            int rows, int columns, double[] x, double[] dy, double epsilon, double[] weight) {
        double[] normalized = normalizedRows(rows, columns, x, epsilon);
        double[] dw = new double[columns];
        double[] db = new double[columns];
        double[] dx = new double[rows * columns];
        for (int i = 0; i < rows; i++) {
            double mean = 0;
            double product = 0;
            double inverse = inverse(columns, Arrays.copyOfRange(x, i * columns, (i + 1) * columns), epsilon);
            for (int j = 0; j < columns; j++) {
                int at = i * columns + j;
                db[j] += dy[at];
                dw[j] += dy[at] * normalized[at];
                mean += dy[at] * weight[j] / columns;
                product += dy[at] * weight[j] * normalized[at] / columns;
            }
            for (int j = 0; j < columns; j++) {
                int at = i * columns + j;
                dx[at] = inverse * (dy[at] * weight[j] - mean - normalized[at] * product);
            }
        }
        return new Gradients(dx, dw, db);
    }

    /** 1 / sqrt(variance + epsilon) of one row. */
    public static double inverse(int columns, double[] row, double epsilon) {
        return 1 / Math.sqrt(variances(columns, 1, row)[0] + epsilon);
    }
}
