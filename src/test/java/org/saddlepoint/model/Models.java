package org.saddlepoint.model;

import static org.saddlepoint.model.Layers.averagePool;
import static org.saddlepoint.model.Layers.batchNorm;
import static org.saddlepoint.model.Layers.clippedRelu;
import static org.saddlepoint.model.Layers.conv;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.dropout;
import static org.saddlepoint.model.Layers.flatten;
import static org.saddlepoint.model.Layers.globalAveragePool;
import static org.saddlepoint.model.Layers.layerNorm;
import static org.saddlepoint.model.Layers.leakyRelu;
import static org.saddlepoint.model.Layers.maxPool;
import static org.saddlepoint.model.Layers.normalize;
import static org.saddlepoint.model.Layers.recurrent;
import static org.saddlepoint.model.Layers.relu;
import static org.saddlepoint.model.Layers.reshape;
import static org.saddlepoint.model.Layers.residual;
import static org.saddlepoint.model.Layers.sigmoid;
import static org.saddlepoint.model.Layers.tanh;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.saddlepoint.device.Recurrence.Kind;
import org.saddlepoint.reference.Values;

/** Models that differ in how their layers fold into one another; inputs of 3 x 5 x 2 values. */
public final class Models {
    public static final Shape INPUT = Shape.of(3, 5, 2);

    private Models() {}

    public static Stream<Model> all() {
        return Stream.of(
                        List.of(dense(30, 4)),
                        List.of(flatten(), dense(30, 33), relu(), dense(33, 10)),
                        List.of(dense(30, 17), leakyRelu(0.1f), dense(17, 40), sigmoid(), dense(40, 3)),
                        List.of(dense(30, 16), tanh(), dense(16, 16), relu(), dense(16, 5), tanh()),
                        List.of(normalize(0.13f, 0.31f), dense(30, 20), relu(), dense(20, 10)),
                        List.of(
                                normalize(new float[] {0.4f, 0.5f, 0.6f}, new float[] {0.2f, 1f, 3f}),
                                tanh(),
                                flatten(),
                                dense(30, 2)),
                        // Nothing before the activations takes them into its epilogue.
                        List.of(sigmoid(), flatten(), leakyRelu(0.5f), tanh(), dense(30, 6), flatten(), relu()),
                        List.of(dense(30, 7), normalize(0.5f, 0.25f), dense(7, 4), normalize(1f, 2f)))
                .map(layers -> new Model(INPUT, layers));
    }

    /** Convolutional and recurrent models, among them changes between channels first and last wherever there can be one. */
    public static Stream<Model> convolutionalAndRecurrent() {
        return Stream.of(
                        List.of(conv(3, 5, 3, 1, 1), relu(), flatten(), dense(50, 4)),
                        List.of(
                                normalize(new float[] {0.4f, 0.5f, 0.6f}, new float[] {0.2f, 1f, 3f}),
                                conv(3, 8, 2, 1, 1),
                                batchNorm(8),
                                relu(),
                                maxPool(2),
                                conv(8, 4, 3, 1, 1),
                                leakyRelu(0.1f),
                                globalAveragePool(),
                                dense(4, 3)),
                        List.of(
                                conv(3, 4, 3, 1, 1),
                                residual(batchNorm(4), relu(), conv(4, 4, 3, 1, 1), layerNorm(4, 5, 2)),
                                relu(),
                                averagePool(2),
                                tanh(),
                                flatten(),
                                dense(8, 3)),
                        List.of(
                                maxPool(2),
                                new Scale(List.of(2f, -1f, 0.5f), List.of(0.1f, 0f, 1f)),
                                clippedRelu(1.5f),
                                new Branches(
                                        List.of(
                                                List.of(conv(3, 2, 1, 1, 0), tanh()),
                                                List.of(),
                                                List.of(layerNorm(2, 1), dropout(0.5f))),
                                        Branches.Join.CONCATENATE),
                                batchNorm(8),
                                flatten(),
                                dense(16, 2)),
                        List.of(batchNorm(3), sigmoid(), conv(3, 3, 2, 1, 0), layerNorm(3, 4, 1), flatten()),
                        List.of(
                                residual(new Branches(
                                        List.of(List.of(), List.of(conv(3, 3, 1, 1, 0)), List.of(batchNorm(3), relu())),
                                        Branches.Join.ADD)),
                                globalAveragePool()),
                        List.of(reshape(5, 6), recurrent(Kind.RNN_TANH, 6, 7), dense(7, 3)),
                        List.of(reshape(6, 5), recurrent(Kind.RNN_RELU, 5, 9), layerNorm(9), dense(9, 3)),
                        List.of(
                                reshape(5, 6),
                                new Recurrent(Kind.LSTM, 6, 8, true),
                                tanh(),
                                recurrent(Kind.LSTM, 8, 5),
                                dense(5, 3)),
                        List.of(
                                conv(3, 2, 1, 1, 0),
                                reshape(10, 2),
                                new Recurrent(Kind.GRU, 2, 8, true),
                                flatten(),
                                dense(80, 3)),
                        List.of(reshape(15, 2), recurrent(Kind.GRU, 2, 4), dropout(0.2f), dense(4, 3)))
                .map(layers -> new Model(INPUT, layers));
    }

    /** Random values of everything a classifier has; variances between 0.5 and 1.5. */
    public static float[] parameters(Model model, Random random, double bound) {
        float[] values = Values.uniform(random, (int) model.valueCount(), -bound, bound);
        int at = (int) model.parameterCount();
        for (TensorSpec statistic : model.statistics()) {
            if (statistic.name().endsWith("running_var")) {
                for (int i = at; i < at + statistic.size(); i++) {
                    values[i] = (float) (1 + values[i] / (2 * bound));
                }
            }
            at += statistic.size();
        }
        return values;
    }
}
