package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.device.Precision;
import org.saddlepoint.device.Start;
import org.saddlepoint.threat.Norm;

/** The structure's bytes against its declaration in C++, read from kernels/pgd_mlp/parameters.cuh. */
class PgdMlpTest {
    private static final Pattern MEMBER =
            Pattern.compile("(?m)^ {4}(?:const )?([a-zA-Z ]*?\\w[*]?) +(\\w+(?:\\[\\w+])?" + "(?:, \\w+)*);");

    /** Offset of each member, by C's rules: every member is aligned to its size, or to 8 or 4 where it is a structure. */
    private static Offsets offsets(String struct) throws IOException {
        String source = Files.readString(Path.of("kernels/pgd_mlp/parameters.cuh"));
        int start = source.indexOf("struct " + struct + " {");
        Matcher members = MEMBER.matcher(source.substring(start, source.indexOf("};", start)));
        Map<String, Integer> offsets = new LinkedHashMap<>();
        int at = 0;
        while (members.find()) {
            for (String name : members.group(2).split(", ", -1)) {
                String type = members.group(1);
                int count = name.endsWith("[kPgdLayers]") ? PgdMlpPlan.MAX_LAYERS : 1;
                int size = type.endsWith("*") || type.equals("unsigned long long")
                        ? 8
                        : type.equals("PgdMlpMatrix") ? 20 : type.equals("PgdMlpLayer") ? 96 : 4;
                int alignment = size == 20 ? 4 : size == 96 ? 8 : size;
                at = (at + alignment - 1) / alignment * alignment;
                offsets.put(name.replaceAll("\\[.*", ""), at);
                at += size * count;
            }
        }
        offsets.put("end", (at + 7) / 8 * 8);
        return new Offsets(offsets);
    }

    /** Where the members of a structure begin. */
    private record Offsets(Map<String, Integer> all) {
        int of(String member) {
            return Objects.requireNonNull(all.get(member), member);
        }
    }

    private static final List<Integer> WIDTHS = List.of(61, 40, 7);

    private static PgdMlpPlan plan(Norm norm, Precision precision, int budget) {
        return Objects.requireNonNull(PgdMlpPlan.of(new PgdMlpPlan.Shape(WIDTHS, norm, precision), budget));
    }

    private static List<PgdMlp.Layer> layers() {
        return List.of(
                new PgdMlp.Layer(0x1000, 0x2000, 0x3000, 0x4000, new Activation(Activation.Kind.LEAKY_RELU, 0.25f)),
                new PgdMlp.Layer(0x1004, 0x2004, 0x3010, 0x4010, Activation.IDENTITY));
    }

    private static PgdMlp.Rule rule(boolean keep) {
        return new PgdMlp.Rule(
                LossKind.MARGIN, 40, Start.BALL_AND_BOX, true, keep, 0.03f, 0.1f, 5, 0x123456789abcdefL, 0x02000007, 3);
    }

    @Test
    void writesEveryMemberWhereTheKernelReadsIt() throws IOException {
        Offsets at = offsets("PgdMlp");
        Offsets layer = offsets("PgdMlpLayer");
        assertThat(at.of("end")).isEqualTo(PgdMlp.BYTES);
        assertThat(layer.of("end")).isEqualTo(96);
        PgdMlpPlan plan = plan(Norm.L1, Precision.BF16, 40 * 1024);
        PgdMlp.Call call =
                new PgdMlp(plan).call(layers(), new PgdMlp.Batch(33, 11, 12, 13, 14, 15, 16, 17, 18, 19), rule(true));
        assertThat(call.entry()).isEqualTo("pgd_mlp_bf16");
        assertThat(call.blocks()).isEqualTo((33 + plan.tile() - 1) / plan.tile());
        assertThat(call.sharedBytes()).isEqualTo(plan.sharedBytes());
        ByteBuffer bytes = call.parameters();
        assertThat(bytes.isDirect()).isTrue();
        List<String> pointers = List.of(
                "origin", "labels", "indices", "cursor", "x", "best_x", "best_objective", "beaten", "zero_gradients");
        for (int i = 0; i < pointers.size(); i++) {
            assertThat(bytes.getLong(at.of(pointers.get(i))))
                    .as(pointers.get(i))
                    .isEqualTo(11 + i);
        }
        assertThat(bytes.getLong(at.of("seed"))).isEqualTo(0x123456789abcdefL);
        Map<String, Integer> ints = Map.ofEntries(
                Map.entry("n", 33),
                Map.entry("layers", 2),
                Map.entry("norm", 2),
                Map.entry("loss", 2),
                Map.entry("steps", 40),
                Map.entry("start", 1),
                Map.entry("targeted", 1),
                Map.entry("keep", 1),
                Map.entry("step_size", Float.floatToRawIntBits(0.03f)),
                Map.entry("epsilon", Float.floatToRawIntBits(0.1f)),
                Map.entry("top", 5),
                Map.entry("stream", 0x02000007),
                Map.entry("restart", 3),
                Map.entry("tile", plan.tile()),
                Map.entry("x_rows", plan.inputRows()),
                Map.entry("x_pitch", plan.inputPitch()),
                Map.entry("gradient", plan.gradient()),
                Map.entry("logit_gradient", plan.logitGradient()),
                Map.entry("logit_pitch", plan.logitPitch()),
                Map.entry("stage", plan.stage()),
                Map.entry("stage_words", plan.stageWords()),
                Map.entry("streams", plan.stageWords() > 0 ? 1 : 0),
                Map.entry("scratch", plan.scratch()));
        ints.forEach(
                (name, value) -> assertThat(bytes.getInt(at.of(name))).as(name).isEqualTo(value));
        assertThat(at.all().keySet()).as("members without a test").hasSize(1 + pointers.size() + 1 + ints.size() + 1);
    }

    @Test
    void writesEveryLayer() throws IOException {
        Offsets at = offsets("PgdMlpLayer");
        Offsets matrix = offsets("PgdMlpMatrix");
        PgdMlpPlan plan = plan(Norm.LINF, Precision.BF16, 32 * 1024);
        ByteBuffer bytes = new PgdMlp(plan)
                .call(layers(), new PgdMlp.Batch(1, 1, 2, 3, 0, 4, 0, 0, 0, 0), rule(false))
                .parameters();
        for (int i = 0; i < 2; i++) {
            int from = 96 * i;
            PgdMlp.Layer layer = layers().get(i);
            PgdMlpPlan.LayerPlan places = plan.layers().get(i);
            assertThat(bytes.getLong(from + at.of("w"))).isEqualTo(layer.weights());
            assertThat(bytes.getLong(from + at.of("b"))).isEqualTo(layer.bias());
            assertThat(bytes.getLong(from + at.of("forward"))).isEqualTo(layer.forward());
            assertThat(bytes.getLong(from + at.of("backward"))).isEqualTo(layer.backward());
            assertThat(bytes.getInt(from + at.of("in"))).isEqualTo(WIDTHS.get(i));
            assertThat(bytes.getInt(from + at.of("out"))).isEqualTo(WIDTHS.get(i + 1));
            assertThat(bytes.getInt(from + at.of("activation")))
                    .isEqualTo(layer.activation().kind().ordinal());
            assertThat(bytes.getFloat(from + at.of("slope")))
                    .isEqualTo(layer.activation().slope());
            assertThat(bytes.getInt(from + at.of("output"))).isEqualTo(places.output());
            assertThat(bytes.getInt(from + at.of("output_pitch"))).isEqualTo(places.outputPitch());
            for (String name : List.of("ahead", "back")) {
                PgdMlpPlan.MatrixPlan want = name.equals("ahead") ? places.ahead() : places.back();
                int there = from + at.of(name);
                assertThat(bytes.getInt(there + matrix.of("resident"))).isEqualTo(want.resident());
                assertThat(bytes.getInt(there + matrix.of("resident_rows"))).isEqualTo(want.residentRows());
                assertThat(bytes.getInt(there + matrix.of("resident_pitch"))).isEqualTo(want.residentPitch());
                assertThat(bytes.getInt(there + matrix.of("features"))).isEqualTo(want.features());
                assertThat(bytes.getInt(there + matrix.of("depth"))).isEqualTo(want.depth());
            }
        }
    }

    @Test
    void refusesWhatTheKernelCannotDo() {
        PgdMlp launcher = new PgdMlp(plan(Norm.LINF, Precision.BF16, 99 * 1024));
        PgdMlp.Batch none = new PgdMlp.Batch(0, 1, 2, 3, 0, 4, 0, 0, 0, 0);
        assertThatThrownBy(() -> launcher.call(layers(), none, rule(false)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pgd_mlp: n is 0: it must be at least 1");
        PgdMlp.Batch batch = new PgdMlp.Batch(1, 1, 2, 3, 0, 4, 0, 0, 0, 0);
        assertThatThrownBy(() -> launcher.call(layers(), batch, rule(true))).hasMessageContaining("beaten is 0");
        List<PgdMlp.Layer> crooked =
                List.of(layers().get(0), new PgdMlp.Layer(4, 4, 0x3004, 0x4010, Activation.IDENTITY));
        assertThatThrownBy(() -> launcher.call(crooked, batch, rule(false))).hasMessageContaining("16-byte aligned");
    }
}
