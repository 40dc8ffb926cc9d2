package org.saddlepoint.model.onnx;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.saddlepoint.model.Conv2d;
import org.saddlepoint.model.Layer;
import org.saddlepoint.model.Reshape;
import org.saddlepoint.model.Scale;
import org.saddlepoint.model.onnx.Vertex.Weighted;

/** Merges neighbours of which ONNX makes two and a network has one: a product and its bias, a difference and a quotient. */
final class Simplification {
    private Simplification() {}

    static List<Weighted> of(Collection<Weighted> layers) {
        List<Weighted> all = new ArrayList<>();
        for (Weighted next : layers) {
            if (next.layer() instanceof Scale scale) {
                addScale(all, scale);
            } else if (isView(next.layer())) {
                if (!all.isEmpty() && isView(all.getLast().layer())) {
                    all.removeLast();
                }
                all.add(next);
            } else {
                all.add(next);
            }
        }
        return all;
    }

    private static boolean isView(Layer layer) {
        return layer instanceof Layer.Flatten || layer instanceof Reshape;
    }

    private static void addScale(List<Weighted> all, Scale scale) {
        boolean shifts = scale.scale().stream().allMatch(factor -> factor == 1);
        if (shifts && scale.shift().stream().allMatch(summand -> summand == 0)) {
            return;
        }
        Weighted last = all.isEmpty() ? null : all.getLast();
        if (last != null && shifts && last.layer() instanceof Layer.Dense dense) {
            replace(all, Weighted.of(dense, biased(last.parameters(), dense.in() * dense.out(), dense.out(), scale)));
        } else if (last != null && shifts && last.layer() instanceof Conv2d conv) {
            int weights = conv.out()
                    * (conv.in() / conv.groups())
                    * conv.window().height()
                    * conv.window().width();
            replace(
                    all,
                    Weighted.of(
                            new Conv2d(conv.in(), conv.out(), conv.window(), conv.groups(), true),
                            biased(last.parameters(), weights, conv.out(), scale)));
        } else if (last != null && last.layer() instanceof Scale before) {
            replace(all, Weighted.of(product(before, scale)));
        } else {
            all.add(Weighted.of(scale));
        }
    }

    private static void replace(List<Weighted> all, Weighted last) {
        all.removeLast();
        all.add(last);
    }

    private static float[] biased(float[] parameters, int weights, int out, Scale scale) {
        float[] all = java.util.Arrays.copyOf(parameters, weights + out);
        for (int i = 0; i < out; i++) {
            all[weights + i] += at(scale.shift(), i);
        }
        return all;
    }

    private static float at(List<Float> values, int i) {
        return values.get(values.size() == 1 ? 0 : i);
    }

    /** (x a + b) c + d = x (a c) + (b c + d). */
    private static Scale product(Scale first, Scale second) {
        List<Float> factors = new ArrayList<>();
        List<Float> summands = new ArrayList<>();
        for (int i = 0; i < Math.max(first.scale().size(), second.scale().size()); i++) {
            double factor = at(second.scale(), i);
            factors.add((float) (at(first.scale(), i) * factor));
            summands.add((float) (at(first.shift(), i) * factor + at(second.shift(), i)));
        }
        return new Scale(factors, summands);
    }
}
