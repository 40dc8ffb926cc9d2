package org.saddlepoint.model.onnx;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.saddlepoint.model.Branches;
import org.saddlepoint.model.Layer;
import org.saddlepoint.model.onnx.Vertex.Weighted;

/** Makes a sequence of layers, and of branches that part and meet again, of the vertices between input and logits. */
final class Sequences {
    private static final int MAX_DEPTH = 50;

    private final Set<Vertex> taken = new HashSet<>();

    private Sequences() {}

    /** All layers from the source to a vertex. */
    static List<Weighted> to(Vertex end) throws Unsupported {
        Vertex source = end;
        while (source.dominator() != source) {
            source = source.dominator();
        }
        return new Sequences().between(source, end, 0);
    }

    private List<Weighted> between(Vertex start, Vertex end, int depth) throws Unsupported {
        if (depth > MAX_DEPTH) {
            throw new Unsupported("branches nest more than " + MAX_DEPTH + " deep");
        }
        Deque<Weighted> layers = new ArrayDeque<>();
        for (Vertex vertex = end; vertex != start; vertex = vertex.dominator()) {
            if (!taken.add(vertex)) {
                throw new Unsupported(vertex.node() + " is read by several branches that meet in different places:"
                        + " branches can part at one place and meet at one");
            }
            switch (vertex.step()) {
                case Weighted weighted -> layers.addFirst(weighted);
                case Vertex.Join join -> {
                    List<List<Weighted>> branches = new ArrayList<>();
                    for (Vertex input : vertex.inputs()) {
                        branches.add(between(vertex.dominator(), input, depth + 1));
                    }
                    layers.addFirst(joined(join.kind(), branches));
                }
                case Vertex.Padding padding ->
                    throw new Unsupported(
                            vertex.node() + " pads what no convolution or average pooling reads right behind it");
                case Vertex.Softmax softmax ->
                    throw new Unsupported(vertex.node() + " is not the last: a softmax can stand at the end alone");
                case Vertex.Source source -> throw new IllegalStateException("a path that does not end");
            }
        }
        return Simplification.of(layers);
    }

    private static Weighted joined(Branches.Join kind, List<List<Weighted>> branches) {
        List<List<Layer>> layers = branches.stream()
                .map(branch -> branch.stream().map(Weighted::layer).toList())
                .toList();
        List<Weighted> all = branches.stream().flatMap(List::stream).toList();
        return new Weighted(new Branches(layers, kind), parameters(all), statistics(all));
    }

    static float[] parameters(List<Weighted> layers) {
        return concatenated(layers.stream().map(Weighted::parameters).toList());
    }

    static float[] statistics(List<Weighted> layers) {
        return concatenated(layers.stream().map(Weighted::statistics).toList());
    }

    static float[] concatenated(List<float[]> parts) {
        float[] all = new float[parts.stream().mapToInt(part -> part.length).reduce(0, Math::addExact)];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
