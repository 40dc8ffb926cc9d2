package org.saddlepoint.cli;

import java.util.Iterator;
import org.saddlepoint.attack.Bim;
import org.saddlepoint.attack.Fgsm;
import org.saddlepoint.attack.FgsmRs;
import org.saddlepoint.attack.Iterate;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.device.Precision;
import org.saddlepoint.loss.Loss;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.Knowledge;
import org.saddlepoint.model.Layer;
import org.saddlepoint.model.Layers;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.train.Schedule;
import picocli.CommandLine;

/** The names that options take, and what they stand for. */
final class Choices {
    private Choices() {}

    /** Teaches a command line the names. */
    static void register(CommandLine program) {
        program.registerConverter(Precision.class, new ChoiceConverter<>(Precision.class));
        program.registerConverter(Norm.class, new ChoiceConverter<>(Norm.class));
        program.registerConverter(Iterate.class, new ChoiceConverter<>(Iterate.class));
        program.registerConverter(Schedule.class, new ChoiceConverter<>(Schedule.class));
        program.registerConverter(Method.class, new ChoiceConverter<>(Method.class));
        program.registerConverter(AttackName.class, new ChoiceConverter<>(AttackName.class));
        program.registerConverter(BlackBox.class, new ChoiceConverter<>(BlackBox.class));
        program.registerConverter(Hidden.class, new ChoiceConverter<>(Hidden.class));
        program.registerConverter(LossName.class, new ChoiceConverter<>(LossName.class));
        program.registerConverter(OptimizerName.class, new ChoiceConverter<>(OptimizerName.class));
    }

    /** How a model is trained. */
    enum Method {
        STANDARD,
        FGSM,
        FGSM_RS,
        PGD,
        FREE,
        TRADES;

        @Override
        public String toString() {
            return ChoiceConverter.label(this);
        }
    }

    /** The attacks. */
    enum AttackName {
        FGSM,
        FGSM_RS,
        BIM,
        PGD,
        MI_FGSM,
        APGD_CE,
        APGD_T,
        FAB_T,
        CW,
        SQUARE,
        NES,
        HOP_SKIP_JUMP,
        TRANSFER,
        AUTOATTACK;

        /** A member of PGD's family. */
        Pgd.Builder of(Norm norm, double epsilon) {
            return switch (this) {
                case FGSM -> Fgsm.of(norm, epsilon);
                case FGSM_RS -> FgsmRs.of(norm, epsilon);
                case BIM -> Bim.of(norm, epsilon);
                case PGD -> Pgd.of(norm, epsilon);
                default -> throw new IllegalStateException(this + " is not of PGD's family");
            };
        }

        /** Whether {@link #of} makes it. */
        boolean isPgd() {
            return ordinal() <= PGD.ordinal();
        }

        /** Whether an option changes anything. */
        boolean takes(String option) {
            return switch (option) {
                case "--steps", "--step-size" -> this == BIM || takesPgd() || this == MI_FGSM;
                case "--iterate" -> this == BIM || this == PGD;
                case "--restarts" -> takesPgd() || this == APGD_CE || this == APGD_T;
                case "--random-start" -> takesPgd();
                case "--targeted" -> isPgd() || this == TRANSFER || this == MI_FGSM || this == CW || this == NES;
                case "--queries" -> this == SQUARE || this == NES || this == HOP_SKIP_JUMP;
                case "--substitute", "--substitute-queries" -> this == TRANSFER;
                default -> true;
            };
        }

        /** Whether it is PGD, or PGD on a substitute. */
        private boolean takesPgd() {
            return this == PGD || this == TRANSFER;
        }

        @Override
        public String toString() {
            return ChoiceConverter.label(this);
        }
    }

    /** What a black box tells. */
    enum BlackBox {
        LOGITS,
        LABELS;

        Knowledge knowledge() {
            return this == LOGITS ? Knowledge.LOGITS : Knowledge.LABELS;
        }

        @Override
        public String toString() {
            return ChoiceConverter.label(this);
        }
    }

    /** What follows each hidden layer. */
    enum Hidden {
        RELU,
        LEAKY_RELU,
        TANH,
        SIGMOID;

        Layer layer() {
            return switch (this) {
                case RELU -> Layers.relu();
                case LEAKY_RELU -> Layers.leakyRelu(0.01f);
                case TANH -> Layers.tanh();
                case SIGMOID -> Layers.sigmoid();
            };
        }

        @Override
        public String toString() {
            return ChoiceConverter.label(this);
        }
    }

    /** The losses to train with. */
    enum LossName {
        CROSS_ENTROPY,
        MSE;

        Loss loss() {
            return this == MSE ? Losses.MEAN_SQUARED_ERROR : Losses.CROSS_ENTROPY;
        }

        @Override
        public String toString() {
            return ChoiceConverter.label(this);
        }
    }

    /** The optimizers. */
    enum OptimizerName {
        SGD,
        ADAM,
        ADAMW;

        @Override
        public String toString() {
            return ChoiceConverter.label(this);
        }
    }

    // The labels of the library's enums, for help and completion; our own enums have them from toString.

    static final class Norms implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ChoiceConverter.labels(Norm.class).iterator();
        }
    }

    static final class Precisions implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ChoiceConverter.labels(Precision.class).iterator();
        }
    }

    static final class Iterates implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ChoiceConverter.labels(Iterate.class).iterator();
        }
    }

    static final class Schedules implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ChoiceConverter.labels(Schedule.class).iterator();
        }
    }
}
