package org.saddlepoint.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.saddlepoint.data.DatasetFetcher;
import org.saddlepoint.data.DatasetInfo;
import org.saddlepoint.data.Datasets;
import org.saddlepoint.model.Shape;
import org.saddlepoint.report.Figures;
import org.saddlepoint.report.TextTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code saddlepoint data list}. */
@Command(
        name = "list",
        description =
                "Shows the data sets that have names, and whether they are here. Data in files have none: see --data of 'saddlepoint train --help'.",
        abbreviateSynopsis = true,
        sortOptions = false,
        optionListHeading = "%n")
final class DataListCommand implements Callable<Integer> {
    private static final String BUNDLED = "mnist-sample";

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws IOException {
        Path cache = DatasetFetcher.standard().cache();
        List<Map<String, Object>> datasets = new ArrayList<>();
        TextTable table = new TextTable("name", "example", "classes", "training", "test", "where");
        for (String name : Datasets.names()) {
            DatasetInfo info = Datasets.check(name);
            String where = name.equals(BUNDLED) ? "bundled" : Files.isDirectory(cache.resolve(name)) ? "cache" : "";
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("name", name);
            json.put("shape", java.util.Arrays.stream(info.shape()).boxed().collect(Collectors.toList()));
            json.put("classes", info.classes());
            json.put("train", info.trainSize());
            json.put("test", info.testSize());
            json.put("available", !where.isEmpty());
            datasets.add(json);
            table.row(
                    name,
                    Shape.of(info.shape()).toString(),
                    String.valueOf(info.classes()),
                    Figures.count(info.trainSize()),
                    Figures.count(info.testSize()),
                    where.isEmpty() ? "to be fetched" : where);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("datasets", datasets);
        json.put("cache", cache.toString());
        common.result(json, table + "\nCache: " + cache + "\n");
        return 0;
    }
}
