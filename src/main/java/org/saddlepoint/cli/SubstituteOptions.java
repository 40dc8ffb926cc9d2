package org.saddlepoint.cli;

import java.io.IOException;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.data.Datasets;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.model.Victim;
import org.saddlepoint.train.Substitute;
import picocli.CommandLine.Option;

/** The substitute of transfer attacks: fitted to labels that the victim tells of training examples and their neighbours. */
final class SubstituteOptions implements AutoCloseable {
    /** With the budget these make: the examples double in every round but the first. */
    private static final int ROUNDS = 4;

    @Option(
            names = "--substitute",
            paramLabel = "SPEC",
            defaultValue = "mlp:256",
            description =
                    "The model that transfer attacks in the victim's stead, as for 'saddlepoint train'; it learns the"
                            + " labels that the victim tells. Default: ${DEFAULT-VALUE}.")
    private String spec;

    @Option(
            names = "--substitute-queries",
            paramLabel = "N",
            defaultValue = "2000",
            description =
                    "Labels that it may ask for in all: of the first N/8 training examples and neighbours of them."
                            + " Default: ${DEFAULT-VALUE}.")
    private int queries;

    private @Nullable Model model;
    private Substitute.@Nullable Fitted fitted;

    void check(VictimOptions.Victim victim) throws IOException {
        Require.atLeast("--substitute-queries", queries, 1);
        try {
            model = ModelSpec.build(spec, Choices.Hidden.RELU, Datasets.check(victim.data(), victim.options()));
        } catch (UsageException e) {
            throw new UsageException(String.valueOf(e.getMessage()).replaceFirst("^--model", "--substitute"), e);
        }
    }

    void fit(Victim victim, Dataset train, long seed) {
        int first = Math.min(train.size(), Math.max(1, queries >> (ROUNDS - 1)));
        fitted = Substitute.of(victim, Objects.requireNonNull(model))
                .data(train.values(0, first))
                .rounds(ROUNDS)
                .queries(queries)
                .seed(seed)
                .fit();
    }

    Classifier classifier() {
        return Objects.requireNonNull(fitted).classifier();
    }

    /** How many labels were asked for, where a substitute was fitted. */
    OptionalInt asked() {
        return fitted == null ? OptionalInt.empty() : OptionalInt.of(fitted.queries());
    }

    @Override
    public void close() {
        if (fitted != null) {
            fitted.classifier().close();
        }
    }
}
