package org.saddlepoint.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.data.Datasets;
import org.saddlepoint.data.LoadOptions;
import org.saddlepoint.data.Scaling;
import org.saddlepoint.data.Split;
import org.saddlepoint.model.Shape;
import org.saddlepoint.report.Figures;
import org.saddlepoint.report.Meter;
import org.saddlepoint.report.TextTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code saddlepoint data info}. */
@Command(
        name = "info",
        description = "Loads a data set as a training would, and shows what it is: shape, classes, counts, scaling.",
        abbreviateSynopsis = true,
        sortOptions = false,
        parameterListHeading = "%n",
        optionListHeading = "%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  saddlepoint data info cifar10",
            "  saddlepoint data info photos --image-size 32 --channels 1",
            "  saddlepoint data info iris.csv --label-column species --test-share 1/5"
        })
final class DataInfoCommand implements Callable<Integer> {
    /** Classes and features that the text shows; --json has them all. */
    private static final int SHOWN = 100;

    @Parameters(paramLabel = "DATA", description = "A name or a path, as for --data of 'saddlepoint train'.")
    private String data;

    @Mixin
    private LoadOptionGroup reading;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws IOException {
        LoadOptions options = reading.options();
        try (Meter meter = common.meter()) {
            Split split = Datasets.load(data, options, Fetching.with(meter));
            meter.end();
            common.result(json(split), text(split));
        }
        return 0;
    }

    private Map<String, Object> json(Split split) throws IOException {
        Dataset train = split.train();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("data", data);
        json.put("kind", Datasets.kind(data));
        json.put("shape", Arrays.stream(train.shape()).boxed().toList());
        json.put("values", values(train));
        json.put("train", train.size());
        json.put("test", split.test().size());
        List<Map<String, Object>> classes = new ArrayList<>();
        int[] trainCounts = train.classCounts();
        int[] testCounts = split.test().classCounts();
        for (int c = 0; c < train.classes(); c++) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("class", c);
            if (!train.classNames().isEmpty()) {
                one.put("name", train.classNames().get(c));
            }
            one.put("train", trainCounts[c]);
            one.put("test", testCounts[c]);
            classes.add(one);
        }
        json.put("classes", classes);
        train.scaling().ifPresent(scaling -> json.put("scaling", features(scaling)));
        json.put("notes", split.notes());
        return json;
    }

    private static String values(Dataset data) {
        return data.bytes() != null ? "uint8" : "float32";
    }

    private static List<Map<String, Object>> features(Scaling scaling) {
        List<Map<String, Object>> features = new ArrayList<>();
        for (int i = 0; i < scaling.features(); i++) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("feature", name(scaling, i));
            one.put("low", scaling.low().get(i));
            one.put("high", scaling.high().get(i));
            features.add(one);
        }
        return features;
    }

    private static String name(Scaling scaling, int feature) {
        return scaling.names().isEmpty()
                ? String.valueOf(feature + 1)
                : scaling.names().get(feature);
    }

    private String text(Split split) throws IOException {
        Dataset train = split.train();
        StringBuilder out = new StringBuilder();
        out.append(data).append(": ").append(Datasets.kind(data)).append(", examples of shape ");
        out.append(Shape.of(train.shape())).append(" (").append(values(train)).append(") in ");
        out.append(train.classes()).append(" classes, ");
        out.append(Figures.count(train.size())).append(" to train on and ");
        out.append(Figures.count(split.test().size())).append(" to test\n\n");
        TextTable classes = new TextTable("class", "name", "training", "test");
        int[] trainCounts = train.classCounts();
        int[] testCounts = split.test().classCounts();
        for (int c = 0; c < Math.min(SHOWN, train.classes()); c++) {
            classes.row(
                    String.valueOf(c),
                    train.classNames().isEmpty() ? "" : train.classNames().get(c),
                    Figures.count(trainCounts[c]),
                    Figures.count(testCounts[c]));
        }
        out.append(classes).append(more(train.classes()));
        train.scaling().ifPresent(scaling -> out.append('\n').append(text(scaling)));
        split.notes().forEach(note -> out.append('\n').append(note).append('\n'));
        return out.toString();
    }

    private static String text(Scaling scaling) {
        TextTable features = new TextTable("feature", "0 stands for", "1 stands for");
        for (int i = 0; i < Math.min(SHOWN, scaling.features()); i++) {
            features.row(
                    name(scaling, i),
                    String.valueOf(scaling.low().get(i)),
                    String.valueOf(scaling.high().get(i)));
        }
        return features + more(scaling.features());
    }

    private static String more(int count) {
        return count > SHOWN ? "... and " + (count - SHOWN) + " more: see --json\n" : "";
    }
}
