package org.saddlepoint.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code saddlepoint data}. */
@Command(
        name = "data",
        description = "Data sets: what there is, and fetching it in advance.",
        subcommands = {DataListCommand.class, DataInfoCommand.class, DataFetchCommand.class},
        commandListHeading = "%nCommands:%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  saddlepoint data list",
            "  saddlepoint data info photos --image-size 32",
            "  saddlepoint data fetch mnist",
            "  saddlepoint data fetch fashion-mnist --from /media/datasets",
            "",
            "The cache is $SADDLEPOINT_CACHE, else $XDG_CACHE_HOME/saddlepoint, else ~/.cache/saddlepoint."
        })
@SuppressWarnings("UnusedVariable") // picocli reads help
final class DataCommand {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;
}
