package org.saddlepoint.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.data.DatasetFetcher;
import org.saddlepoint.report.Meter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code saddlepoint data fetch}. */
@Command(
        name = "fetch",
        description = "Gets a data set into the cache, verified; nothing happens where it is there already.",
        abbreviateSynopsis = true,
        sortOptions = false,
        parameterListHeading = "%n",
        optionListHeading = "%n")
final class DataFetchCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "mnist, fashion-mnist, cifar10 or cifar100.")
    private String name;

    @Option(
            names = "--from",
            paramLabel = "DIR",
            description = "Take the files from this directory (standard names, plain or .gz) and from nowhere else.")
    private @Nullable Path from;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws IOException {
        if (from != null && !Files.isDirectory(from)) {
            throw new UsageException("--from is '" + from + "': it must be a directory");
        }
        try (Meter meter = common.meter()) {
            DatasetFetcher fetcher = Fetching.with(meter);
            Path directory = (from == null ? fetcher : fetcher.from(from)).fetch(name);
            meter.end();
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("name", name);
            json.put("path", directory.toString());
            common.result(json, name + " is in " + directory + "\n");
        }
        return 0;
    }
}
