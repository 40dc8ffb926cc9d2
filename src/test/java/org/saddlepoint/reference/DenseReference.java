package org.saddlepoint.reference;

/** A dense layer: x n x in, w out x in, b out, dy n x out. */
public final class DenseReference {
    private DenseReference() {}

    /** x W^T + b. */
    public static double[] forward(int n, int in, int out, double[] x, double[] w, double[] b) {
        double[] y = new double[n * out];
        for (int i = 0; i < n; i++) {
            for (int o = 0; o < out; o++) {
                double sum = b[o];
                for (int k = 0; k < in; k++) {
                    sum += x[i * in + k] * w[o * in + k];
                }
                y[i * out + o] = sum;
            }
        }
        return y;
    }

    /** dy W. */
    public static double[] inputGradient(int n, int in, int out, double[] dy, double[] w) {
        double[] dx = new double[n * in];
        for (int i = 0; i < n; i++) {
            for (int o = 0; o < out; o++) {
                for (int k = 0; k < in; k++) {
                    dx[i * in + k] += dy[i * out + o] * w[o * in + k];
                }
            }
        }
        return dx;
    }

    /** dy^T x. */
    public static double[] weightGradient(int n, int in, int out, double[] x, double[] dy) {
        double[] dw = new double[out * in];
        for (int i = 0; i < n; i++) {
            for (int o = 0; o < out; o++) {
                for (int k = 0; k < in; k++) {
                    dw[o * in + k] += dy[i * out + o] * x[i * in + k];
                }
            }
        }
        return dw;
    }

    /** Column sums of dy. */
    public static double[] biasGradient(int n, int out, double[] dy) {
        double[] db = new double[out];
        for (int i = 0; i < n; i++) {
            for (int o = 0; o < out; o++) {
                db[o] += dy[i * out + o];
            }
        }
        return db;
    }
}
