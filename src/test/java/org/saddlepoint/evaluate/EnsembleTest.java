package org.saddlepoint.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.attack.Ensemble;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Blobs;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.Device;
import org.saddlepoint.format.MalformedFileException;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.train.Training;

/** Ensembles, and evaluations that are stopped between attacks. */
class EnsembleTest {
    private static final Model MODEL = Model.sequential(dense(Blobs.FEATURES, 16), relu(), dense(16, Blobs.CLASSES));
    private static final Dataset DATA = Blobs.bytes(300, 2);
    /** One short way from its start, so that it leaves work. */
    private static final Attack FIRST =
            Pgd.linf(0.05).name("coarse").steps(1).stepSize(0.02).build();

    private static final Attack SECOND = Pgd.linf(0.05).steps(7).build();
    private static final Ensemble BOTH = new Ensemble("both", List.of(FIRST, SECOND));

    @TempDir
    private Path directory;

    private final Device device = Device.cpu(2);
    private final Classifier classifier = Training.standard().epochs(8).fit(MODEL, Blobs.bytes(200, 1), device);

    @AfterEach
    void close() {
        classifier.close();
        device.close();
    }

    /** All but the seconds, which no two runs share. */
    private static List<Object> verdicts(Robustness robustness) {
        List<Object> verdicts = new ArrayList<>(
                List.of(robustness.clean(), robustness.robust(), robustness.beatenBy(), robustness.curve()));
        robustness.attacks().forEach(one -> verdicts.add(List.of(one.name(), one.survivors(), one.zeroGradients())));
        return verdicts;
    }

    @Test
    void eachAttackFacesWhatThoseBeforeItLeftStanding() {
        Robustness together = Evaluation.of(classifier).against(BOTH).on(DATA);
        Robustness apart = Evaluation.of(classifier).against(FIRST, SECOND).on(DATA);
        Robustness.Outcome first = together.attacks().get(0);
        Robustness.Outcome second = together.attacks().get(1);
        assertThat(first.faced()).isEqualTo(together.clean().correct());
        assertThat(first.survivors()).isLessThan(first.faced());
        assertThat(second.faced()).isEqualTo(first.survivors());
        assertThat(second.survivors()).isLessThan(second.faced());
        assertThat(apart.attacks().get(1).faced()).isEqualTo(apart.clean().correct());
        assertThat(together.robust()).isEqualTo(apart.robust());
        assertThat(together.beatenBy()).isEqualTo(apart.beatenBy());
        assertThat(together.beatenBy().stream().filter(by -> by == 1).count())
                .isEqualTo(second.faced() - second.survivors());
        assertThat(together.beatenBy().stream()
                        .filter(by -> by == Robustness.STANDS)
                        .count())
                .isEqualTo(together.robust().correct());
    }

    @Test
    void aRunThatWasKilledBetweenAttacksGoesOnToTheSameVerdicts() throws IOException {
        Path state = directory.resolve("state");
        Robustness whole = Evaluation.of(classifier).against(BOTH).on(DATA);
        Evaluation killed = Evaluation.of(classifier).against(BOTH).state(state).onProgress((attack, done, total) -> {
            if (attack.equals(SECOND.name())) {
                throw new IllegalStateException("killed");
            }
        });
        assertThatThrownBy(() -> killed.on(DATA)).hasMessage("killed");
        byte[] left = Files.readAllBytes(state);
        List<String> ran = new ArrayList<>();
        Robustness resumed = Evaluation.of(classifier)
                .against(BOTH)
                .state(state)
                .batchSize(7)
                .onProgress((attack, done, total) -> ran.add(attack))
                .on(DATA);
        assertThat(verdicts(resumed)).isEqualTo(verdicts(whole));
        assertThat(ran).contains(SECOND.name()).doesNotContain(FIRST.name());
        Files.write(state, left);
        assertThat(verdicts(Evaluation.of(classifier).against(BOTH).state(state).on(DATA)))
                .isEqualTo(verdicts(whole));
    }

    @Test
    void aStateServesNoOtherEvaluationAndNoDamagedOneIsBelieved() throws IOException {
        Path state = directory.resolve("state");
        Evaluation.of(classifier).against(BOTH).state(state).on(DATA);
        for (Evaluation other : List.of(
                Evaluation.of(classifier).against(BOTH).seed(2),
                Evaluation.of(classifier).against(FIRST),
                Evaluation.of(classifier).against(new Ensemble("both", List.of(SECOND, FIRST))))) {
            assertThatThrownBy(() -> other.state(state).on(DATA))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasCauseInstanceOf(MalformedFileException.class)
                    .hasMessageContaining("is the state of another evaluation");
        }
        assertThatThrownBy(() ->
                        Evaluation.of(classifier).against(BOTH).state(state).on(Blobs.bytes(300, 3)))
                .hasMessageContaining("is the state of another evaluation");
        byte[] bytes = Files.readAllBytes(state);
        bytes[bytes.length - 1] ^= 1;
        Files.write(state, bytes);
        assertThatThrownBy(() ->
                        Evaluation.of(classifier).against(BOTH).state(state).on(DATA))
                .hasCauseInstanceOf(MalformedFileException.class);
    }

    @Test
    void anEnsembleHasOneThreatModel() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Ensemble("mixed", List.of(FIRST, FIRST.withEpsilon(0.1))))
                .withMessageContaining("mixes threat models");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Ensemble("none", List.of()))
                .withMessageContaining("holds no attack");
    }
}
