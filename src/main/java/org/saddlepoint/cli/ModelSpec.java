package org.saddlepoint.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.saddlepoint.data.DatasetInfo;
import org.saddlepoint.data.EditDistance;
import org.saddlepoint.model.Model;
import org.saddlepoint.model.Shape;

/** Models by name: {@code mlp:512,256} has two hidden layers. */
final class ModelSpec {
    private ModelSpec() {}

    static List<Integer> widths(String spec) {
        int colon = spec.indexOf(':');
        String kind = colon < 0 ? spec : spec.substring(0, colon);
        if (!kind.equals("mlp")) {
            throw wrong(spec, EditDistance.suggestion(kind, List.of("mlp")) + ": it must be mlp:WIDTHS");
        }
        if (colon < 0) {
            throw wrong(spec, ": the widths of hidden layers are missing");
        }
        List<Integer> widths = new ArrayList<>();
        for (String width : spec.substring(colon + 1).split(",", -1)) {
            try {
                widths.add(Integer.parseInt(width.strip()));
            } catch (NumberFormatException e) {
                throw wrong(spec, ": '" + width + "' is no width");
            }
            if (widths.getLast() < 1) {
                throw wrong(spec, ": widths must be at least 1");
            }
        }
        return widths;
    }

    private static UsageException wrong(String spec, String reason) {
        return new UsageException("--model is '" + spec + "'" + reason + ", as in mlp:128 or mlp:512,256");
    }

    /** The model for a data set. */
    static Model build(String spec, Choices.Hidden activation, DatasetInfo data) {
        List<Integer> widths = widths(spec);
        int[] shape = data.shape();
        try {
            return Model.mlp(
                    new Shape(Arrays.stream(shape).boxed().toList()), widths, activation.layer(), data.classes());
        } catch (IllegalArgumentException e) {
            throw new UsageException("--model is '" + spec + "': " + e.getMessage(), e);
        }
    }
}
