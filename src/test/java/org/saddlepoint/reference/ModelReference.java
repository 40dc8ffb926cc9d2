package org.saddlepoint.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.device.Window;
import org.saddlepoint.model.BatchNorm;
import org.saddlepoint.model.Branches;
import org.saddlepoint.model.Conv2d;
import org.saddlepoint.model.Dropout;
import org.saddlepoint.model.GlobalAveragePool;
import org.saddlepoint.model.Layer;
import org.saddlepoint.model.LayerNorm;
import org.saddlepoint.model.Model;
import org.saddlepoint.model.Pool2d;
import org.saddlepoint.model.Recurrent;
import org.saddlepoint.model.Reshape;
import org.saddlepoint.model.Scale;
import org.saddlepoint.model.Shape;

/**
 * A model forward and backward in evaluation mode, one example at a time, images channels first throughout; parameters flat,
 * in the order of {@link Model#tensors()} and then of {@link Model#statistics()}.
 */
public final class ModelReference {
    private final Model model;
    private final double[] parameters;

    public ModelReference(Model model, double[] parameters) {
        this.model = model;
        this.parameters = parameters;
    }

    public double[] logits(double[] x) {
        return new Pass().run(model.layers(), model.input(), x).y;
    }

    public double loss(LossKind kind, double[] x, int label) {
        return LossReference.value(kind, logits(x), label);
    }

    /** Loss gradients with respect to an input and to all parameters; those of statistics are zero. */
    @SuppressWarnings("ArrayRecordComponent") // a pair of results, never compared
    public record Gradients(double[] input, double[] parameters) {}

    public Gradients gradients(LossKind kind, double[] x, int label) {
        Pass pass = new Pass();
        Output output = pass.run(model.layers(), model.input(), x);
        double[] dx = output.back.apply(LossReference.gradient(kind, output.y, label));
        return new Gradients(dx, pass.gradient);
    }

    /** What a layer makes of an input, and the way back: from dy to dx, adding to the gradient of the parameters. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Output(double[] y, UnaryOperator<double[]> back) {}

    private final class Pass {
        final double[] gradient = new double[parameters.length];
        private int at;
        private int statisticsAt = Math.toIntExact(model.parameterCount());

        Output run(List<Layer> layers, Shape input, double[] x) {
            List<UnaryOperator<double[]>> backs = new ArrayList<>();
            Shape shape = input;
            double[] y = x;
            for (Layer layer : layers) {
                Output output = run(layer, shape, y);
                y = output.y;
                backs.add(output.back);
                shape = layer.output(shape);
            }
            return new Output(y, dy -> {
                double[] dx = dy;
                for (int i = backs.size() - 1; i >= 0; i--) {
                    dx = backs.get(i).apply(dx);
                }
                return dx;
            });
        }

        private Output run(Layer layer, Shape shape, double[] x) {
            return switch (layer) {
                case Layer.Dense dense -> dense(dense.in(), dense.out(), x);
                case Layer.Nonlinearity alone -> {
                    double[] y = ActivationReference.values(alone.function(), x);
                    yield new Output(y, dy -> ActivationReference.gradient(alone.function(), y, dy));
                }
                case Layer.Normalize normalize -> {
                    int channels = normalize.mean().size();
                    double[] scale = new double[channels];
                    double[] shift = new double[channels];
                    for (int c = 0; c < channels; c++) {
                        scale[c] = 1.0 / normalize.std().get(c);
                        shift[c] = -(double) normalize.mean().get(c)
                                / normalize.std().get(c);
                    }
                    yield scaled(scale, shift, x);
                }
                case Scale scale ->
                    scaled(
                            scale.scale().stream()
                                    .mapToDouble(Float::doubleValue)
                                    .toArray(),
                            scale.shift().stream()
                                    .mapToDouble(Float::doubleValue)
                                    .toArray(),
                            x);
                case Layer.Flatten ignored -> new Output(x, dy -> dy);
                case Reshape ignored -> new Output(x, dy -> dy);
                case Dropout ignored -> new Output(x, dy -> dy);
                case Conv2d convolution -> convolution(convolution, shape, x);
                case Pool2d pool -> pool(pool, shape, x);
                case GlobalAveragePool ignored -> mean(shape, x);
                case BatchNorm norm -> batchNorm(norm, x);
                case LayerNorm norm -> layerNorm(norm, x);
                case Branches branches -> branches(branches, shape, x);
                case Recurrent recurrent -> recurrent(recurrent, shape, x);
            };
        }

        private int take(int count) {
            at += count;
            return at - count;
        }

        private Output dense(int in, int out, double[] x) {
            int w = take(in * out);
            int b = take(out);
            double[] weights = Arrays.copyOfRange(parameters, w, w + in * out);
            double[] bias = Arrays.copyOfRange(parameters, b, b + out);
            return new Output(DenseReference.forward(1, in, out, x, weights, bias), dy -> {
                add(DenseReference.weightGradient(1, in, out, x, dy), w);
                add(dy, b);
                return DenseReference.inputGradient(1, in, out, dy, weights);
            });
        }

        private void add(double[] values, int to) {
            for (int i = 0; i < values.length; i++) {
                gradient[to + i] += values[i];
            }
        }

        private Output scaled(double[] scale, double[] shift, double[] x) {
            int size = x.length / scale.length;
            double[] y = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                y[i] = x[i] * scale[i / size] + shift[i / size];
            }
            return new Output(y, dy -> {
                double[] dx = new double[x.length];
                for (int i = 0; i < x.length; i++) {
                    dx[i] = dy[i] * scale[i / size];
                }
                return dx;
            });
        }

        private Output convolution(Conv2d layer, Shape shape, double[] x) {
            Window window = layer.window();
            int taps = window.height() * window.width();
            int group = layer.in() / layer.groups();
            int filters = layer.out() / layer.groups();
            int w = take(layer.out() * group * taps);
            int b = layer.bias() ? take(layer.out()) : -1;
            Shape output = layer.output(shape);
            int pixels = output.size() / layer.out();
            double[] y = new double[output.size()];
            for (int f = 0; b >= 0 && f < layer.out(); f++) {
                Arrays.fill(y, f * pixels, (f + 1) * pixels, parameters[b + f]);
            }
            eachTap(window, shape, output, (position, tap, pixel) -> {
                for (int f = 0; f < layer.out(); f++) {
                    for (int c = 0; c < group; c++) {
                        int from = (f / filters * group + c) * (shape.size() / layer.in()) + pixel;
                        y[f * pixels + position] += parameters[w + (f * group + c) * taps + tap] * x[from];
                    }
                }
            });
            return new Output(y, dy -> {
                double[] dx = new double[x.length];
                eachTap(window, shape, output, (position, tap, pixel) -> {
                    for (int f = 0; f < layer.out(); f++) {
                        for (int c = 0; c < group; c++) {
                            int from = (f / filters * group + c) * (shape.size() / layer.in()) + pixel;
                            int weight = w + (f * group + c) * taps + tap;
                            dx[from] += parameters[weight] * dy[f * pixels + position];
                            gradient[weight] += x[from] * dy[f * pixels + position];
                        }
                    }
                });
                for (int i = 0; b >= 0 && i < dy.length; i++) {
                    gradient[b + i / pixels] += dy[i];
                }
                return dx;
            });
        }

        private Output pool(Pool2d layer, Shape shape, double[] x) {
            Shape output = layer.output(shape);
            int channels = shape.dimensions().getFirst();
            int pixels = output.size() / channels;
            int inputs = shape.size() / channels;
            if (layer.kind() == Pool2d.Kind.MAX) {
                int[] chosen = new int[output.size()];
                Arrays.fill(chosen, -1);
                eachTap(layer.window(), shape, output, (position, tap, pixel) -> {
                    for (int c = 0; c < channels; c++) {
                        int best = chosen[c * pixels + position];
                        if (best < 0 || x[c * inputs + pixel] > x[best]) {
                            chosen[c * pixels + position] = c * inputs + pixel;
                        }
                    }
                });
                return new Output(Arrays.stream(chosen).mapToDouble(i -> x[i]).toArray(), dy -> {
                    double[] dx = new double[x.length];
                    for (int i = 0; i < dy.length; i++) {
                        dx[chosen[i]] += dy[i];
                    }
                    return dx;
                });
            }
            int taps = layer.window().height() * layer.window().width();
            int[] counts = new int[pixels];
            eachTap(layer.window(), shape, output, (position, tap, pixel) -> counts[position]++);
            if (layer.countPadding()) {
                Arrays.fill(counts, taps);
            }
            double[] y = new double[output.size()];
            eachTap(layer.window(), shape, output, (position, tap, pixel) -> {
                for (int c = 0; c < channels; c++) {
                    y[c * pixels + position] += x[c * inputs + pixel] / counts[position];
                }
            });
            return new Output(y, dy -> {
                double[] dx = new double[x.length];
                eachTap(layer.window(), shape, output, (position, tap, pixel) -> {
                    for (int c = 0; c < channels; c++) {
                        dx[c * inputs + pixel] += dy[c * pixels + position] / counts[position];
                    }
                });
                return dx;
            });
        }

        private Output mean(Shape shape, double[] x) {
            int size = x.length / shape.dimensions().getFirst();
            double[] y = new double[shape.dimensions().getFirst()];
            for (int i = 0; i < x.length; i++) {
                y[i / size] += x[i] / size;
            }
            return new Output(y, dy -> {
                double[] dx = new double[x.length];
                for (int i = 0; i < x.length; i++) {
                    dx[i] = dy[i / size] / size;
                }
                return dx;
            });
        }

        private Output batchNorm(BatchNorm layer, double[] x) {
            int channels = layer.channels();
            int w = take(channels);
            int b = take(channels);
            int mean = statisticsAt;
            statisticsAt += 2 * channels;
            int size = x.length / channels;
            double[] y = new double[x.length];
            double[] normalized = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                int c = i / size;
                normalized[i] = (x[i] - parameters[mean + c]) / deviation(layer, mean, c);
                y[i] = normalized[i] * parameters[w + c] + parameters[b + c];
            }
            return new Output(y, dy -> {
                double[] dx = new double[x.length];
                for (int i = 0; i < x.length; i++) {
                    int c = i / size;
                    dx[i] = dy[i] * parameters[w + c] / deviation(layer, mean, c);
                    gradient[w + c] += dy[i] * normalized[i];
                    gradient[b + c] += dy[i];
                }
                return dx;
            });
        }

        private double deviation(BatchNorm layer, int mean, int channel) {
            return Math.sqrt(parameters[mean + layer.channels() + channel] + layer.epsilon());
        }

        private Output layerNorm(LayerNorm layer, double[] x) {
            int size = new Shape(layer.shape()).size();
            int w = take(size);
            int b = take(size);
            double[] y = new double[x.length];
            double[] normalized = new double[x.length];
            double[] deviations = new double[x.length / size];
            for (int r = 0; r < x.length / size; r++) {
                double[] row = Arrays.copyOfRange(x, r * size, (r + 1) * size);
                double mean = Arrays.stream(row).average().orElseThrow();
                double variance = Arrays.stream(row)
                        .map(v -> (v - mean) * (v - mean))
                        .average()
                        .orElseThrow();
                deviations[r] = Math.sqrt(variance + layer.epsilon());
                for (int i = 0; i < size; i++) {
                    normalized[r * size + i] = (row[i] - mean) / deviations[r];
                    y[r * size + i] = normalized[r * size + i] * parameters[w + i] + parameters[b + i];
                }
            }
            return new Output(y, dy -> {
                double[] dx = new double[x.length];
                for (int r = 0; r < x.length / size; r++) {
                    double sum = 0;
                    double product = 0;
                    for (int i = 0; i < size; i++) {
                        double g = dy[r * size + i] * parameters[w + i];
                        sum += g / size;
                        product += g * normalized[r * size + i] / size;
                        gradient[w + i] += dy[r * size + i] * normalized[r * size + i];
                        gradient[b + i] += dy[r * size + i];
                    }
                    for (int i = 0; i < size; i++) {
                        double g = dy[r * size + i] * parameters[w + i];
                        dx[r * size + i] = (g - sum - normalized[r * size + i] * product) / deviations[r];
                    }
                }
                return dx;
            });
        }

        private Output branches(Branches layer, Shape shape, double[] x) {
            List<Output> outputs = new ArrayList<>();
            for (List<Layer> branch : layer.branches()) {
                outputs.add(run(branch, shape, x));
            }
            boolean sum = layer.join() == Branches.Join.ADD;
            double[] y = new double[layer.output(shape).size()];
            int from = 0;
            for (Output output : outputs) {
                for (int i = 0; i < output.y.length; i++) {
                    y[from + i] += output.y[i];
                }
                from += sum ? 0 : output.y.length;
            }
            return new Output(y, dy -> {
                double[] dx = new double[x.length];
                int at = 0;
                for (Output output : outputs) {
                    double[] part = output.back.apply(Arrays.copyOfRange(dy, at, at + output.y.length));
                    for (int i = 0; i < dx.length; i++) {
                        dx[i] += part[i];
                    }
                    at += sum ? 0 : output.y.length;
                }
                return dx;
            });
        }

        /** Step by step; the way back by the chain rule over one step at a time, from the last to the first. */
        private Output recurrent(Recurrent layer, Shape shape, double[] x) {
            int in = layer.in();
            int hidden = layer.hidden();
            int gates = layer.kind().gates() * hidden;
            int steps = shape.dimensions().getFirst();
            Cell cell = new Cell(layer, take(gates * in), take(gates * hidden), take(gates), take(gates));
            double[][] h = new double[steps + 1][hidden];
            double[][] c = new double[steps + 1][hidden];
            for (int t = 0; t < steps; t++) {
                cell.forward(Arrays.copyOfRange(x, t * in, (t + 1) * in), h[t], c[t], h[t + 1], c[t + 1]);
            }
            double[] y = new double[layer.output(shape).size()];
            for (int t = 0; t < steps; t++) {
                if (layer.sequence() || t == steps - 1) {
                    System.arraycopy(h[t + 1], 0, y, layer.sequence() ? t * hidden : 0, hidden);
                }
            }
            return new Output(y, dy -> {
                double[] dx = new double[x.length];
                double[] dh = new double[hidden];
                double[] dc = new double[hidden];
                for (int t = steps - 1; t >= 0; t--) {
                    for (int j = 0; j < hidden; j++) {
                        dh[j] += layer.sequence() ? dy[t * hidden + j] : t == steps - 1 ? dy[j] : 0;
                    }
                    cell.backward(Arrays.copyOfRange(x, t * in, (t + 1) * in), h[t], c[t], dh, dc, dx, t * in);
                }
                return dx;
            });
        }

        /** One step of a recurrent layer, as PyTorch's documentation has it. */
        private final class Cell {
            private final Recurrent layer;
            private final int hidden;
            private final int wx;
            private final int wh;
            private final int bx;
            private final int bh;

            Cell(Recurrent layer, int wx, int wh, int bx, int bh) {
                this.layer = layer;
                this.hidden = layer.hidden();
                this.wx = wx;
                this.wh = wh;
                this.bx = bx;
                this.bh = bh;
            }

            private double inputs(int gate, double[] x) {
                double sum = parameters[bx + gate];
                for (int i = 0; i < x.length; i++) {
                    sum += parameters[wx + gate * x.length + i] * x[i];
                }
                return sum;
            }

            private double states(int gate, double[] h) {
                double sum = parameters[bh + gate];
                for (int i = 0; i < hidden; i++) {
                    sum += parameters[wh + gate * hidden + i] * h[i];
                }
                return sum;
            }

            void forward(double[] x, double[] h, double[] c, double[] nextH, double[] nextC) {
                for (int j = 0; j < hidden; j++) {
                    switch (layer.kind()) {
                        case RNN_TANH -> nextH[j] = Math.tanh(inputs(j, x) + states(j, h));
                        case RNN_RELU -> nextH[j] = Math.max(0, inputs(j, x) + states(j, h));
                        case LSTM -> {
                            double[] g = lstm(j, x, h);
                            nextC[j] = g[1] * c[j] + g[0] * g[2];
                            nextH[j] = g[3] * Math.tanh(nextC[j]);
                        }
                        case GRU -> {
                            double[] g = gru(j, x, h);
                            nextH[j] = (1 - g[1]) * g[2] + g[1] * h[j];
                        }
                    }
                }
            }

            private double[] lstm(int j, double[] x, double[] h) {
                double[] g = new double[4];
                for (int k = 0; k < 4; k++) {
                    double sum = inputs(k * hidden + j, x) + states(k * hidden + j, h);
                    g[k] = k == 2 ? Math.tanh(sum) : sigmoid(sum);
                }
                return g;
            }

            private double[] gru(int j, double[] x, double[] h) {
                double r = sigmoid(inputs(j, x) + states(j, h));
                double z = sigmoid(inputs(hidden + j, x) + states(hidden + j, h));
                return new double[] {r, z, Math.tanh(inputs(2 * hidden + j, x) + r * states(2 * hidden + j, h))};
            }

            /** On entry dh and dc are of the next states, on return of the states before. */
            void backward(double[] x, double[] h, double[] c, double[] dh, double[] dc, double[] dx, int at) {
                double[] before = new double[hidden];
                double[] nextH = new double[hidden];
                double[] nextC = new double[hidden];
                forward(x, h, c, nextH, nextC);
                for (int j = 0; j < hidden; j++) {
                    switch (layer.kind()) {
                        case RNN_TANH -> both(j, dh[j] * (1 - nextH[j] * nextH[j]), x, h, dx, at, before);
                        case RNN_RELU -> both(j, nextH[j] > 0 ? dh[j] : 0, x, h, dx, at, before);
                        case LSTM -> {
                            double[] g = lstm(j, x, h);
                            double tanh = Math.tanh(nextC[j]);
                            double dCell = dc[j] + dh[j] * g[3] * (1 - tanh * tanh);
                            both(j, dCell * g[2] * g[0] * (1 - g[0]), x, h, dx, at, before);
                            both(hidden + j, dCell * c[j] * g[1] * (1 - g[1]), x, h, dx, at, before);
                            both(2 * hidden + j, dCell * g[0] * (1 - g[2] * g[2]), x, h, dx, at, before);
                            both(3 * hidden + j, dh[j] * tanh * g[3] * (1 - g[3]), x, h, dx, at, before);
                            dc[j] = dCell * g[1];
                        }
                        case GRU -> {
                            double[] g = gru(j, x, h);
                            double dn = dh[j] * (1 - g[1]) * (1 - g[2] * g[2]);
                            double dr = dn * states(2 * hidden + j, h) * g[0] * (1 - g[0]);
                            both(j, dr, x, h, dx, at, before);
                            both(hidden + j, dh[j] * (h[j] - g[2]) * g[1] * (1 - g[1]), x, h, dx, at, before);
                            inputsBack(2 * hidden + j, dn, x, dx, at);
                            statesBack(2 * hidden + j, dn * g[0], h, before);
                            before[j] += dh[j] * g[1];
                        }
                    }
                }
                System.arraycopy(before, 0, dh, 0, hidden);
            }

            private void both(int gate, double dy, double[] x, double[] h, double[] dx, int at, double[] dh) {
                inputsBack(gate, dy, x, dx, at);
                statesBack(gate, dy, h, dh);
            }

            private void inputsBack(int gate, double dy, double[] x, double[] dx, int at) {
                gradient[bx + gate] += dy;
                for (int i = 0; i < x.length; i++) {
                    dx[at + i] += parameters[wx + gate * x.length + i] * dy;
                    gradient[wx + gate * x.length + i] += x[i] * dy;
                }
            }

            private void statesBack(int gate, double dy, double[] h, double[] dh) {
                gradient[bh + gate] += dy;
                for (int i = 0; i < hidden; i++) {
                    dh[i] += parameters[wh + gate * hidden + i] * dy;
                    gradient[wh + gate * hidden + i] += h[i] * dy;
                }
            }
        }
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private interface Tap {
        /** A position of the output, a tap of the kernel, and the pixel of the input under it. */
        void at(int position, int tap, int pixel);
    }

    /** All taps that lie inside the image, in the order of positions, then kernel rows, then kernel columns. */
    private static void eachTap(Window window, Shape input, Shape output, Tap tap) {
        int height = input.dimensions().get(1);
        int width = input.dimensions().get(2);
        int columns = output.dimensions().get(2);
        for (int position = 0; position < output.dimensions().get(1) * columns; position++) {
            for (int ky = 0; ky < window.height(); ky++) {
                for (int kx = 0; kx < window.width(); kx++) {
                    int row = position / columns * window.strideY() - window.top() + ky * window.dilationY();
                    int column = position % columns * window.strideX() - window.left() + kx * window.dilationX();
                    if (row >= 0 && row < height && column >= 0 && column < width) {
                        tap.at(position, ky * window.width() + kx, row * width + column);
                    }
                }
            }
        }
    }
}
