package org.saddlepoint.model;

import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.flatten;
import static org.saddlepoint.model.Layers.leakyRelu;
import static org.saddlepoint.model.Layers.normalize;
import static org.saddlepoint.model.Layers.relu;
import static org.saddlepoint.model.Layers.sigmoid;
import static org.saddlepoint.model.Layers.tanh;

import java.util.List;
import java.util.stream.Stream;

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
}
