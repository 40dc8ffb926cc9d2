package org.saddlepoint.cli;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.cli.Choices.BlackBox;
import org.saddlepoint.device.Device;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Knowledge;
import org.saddlepoint.model.ModelFiles;
import org.saddlepoint.model.Shape;
import org.saddlepoint.model.Victim;
import org.saddlepoint.oracle.OnnxRuntimeOracle;
import org.saddlepoint.oracle.Oracle;

/** What is to be attacked, before it is on a device: a model that we read, or a file that ONNX Runtime runs. */
sealed interface Subject extends AutoCloseable {
    /**
     * On a device.
     *
     * @param victim to be attacked
     * @param classifier behind it, to be closed before the device
     */
    record OnDevice(Victim victim, @Nullable Classifier classifier) implements AutoCloseable {
        @Override
        public void close() {
            if (classifier != null) {
                classifier.close();
            }
        }
    }

    /** Values of an example. */
    int features();

    int classes();

    /** What the file says of the model's training. */
    Map<String, String> metadata();

    /** Null for a model at hand. */
    @Nullable
    BlackBox blackBox();

    /** What one should know of how the file is taken. */
    List<String> notes();

    /** On a device, for examples of a shape. */
    OnDevice on(Device device, Shape shape);

    @Override
    void close();

    /** What attacks may know. */
    default Knowledge knowledge() {
        BlackBox tells = blackBox();
        return tells == null ? Knowledge.GRADIENTS : tells.knowledge();
    }

    private static Oracle telling(@Nullable BlackBox tells, Oracle logits) {
        return tells == BlackBox.LABELS ? logits.labelsOnly() : logits;
    }

    /** A model that we read. */
    record Read(ModelFiles.Contents contents, @Nullable BlackBox blackBox) implements Subject {
        @Override
        public int features() {
            return contents.model().input().size();
        }

        @Override
        public int classes() {
            return contents.model().classes();
        }

        @Override
        public Map<String, String> metadata() {
            return contents.metadata();
        }

        @Override
        public List<String> notes() {
            return List.of();
        }

        @Override
        public OnDevice on(Device device, Shape shape) {
            Classifier classifier = contents.on(device);
            return new OnDevice(blackBox == null ? classifier : telling(blackBox, Oracle.of(classifier)), classifier);
        }

        @Override
        public void close() {}

        @Override
        public String toString() {
            return contents.model().toString();
        }
    }

    /** A file that ONNX Runtime runs. */
    record Run(OnnxRuntimeOracle file, BlackBox blackBox) implements Subject {
        @Override
        public int features() {
            return file.input().size();
        }

        @Override
        public int classes() {
            return file.classes();
        }

        @Override
        public Map<String, String> metadata() {
            return file.metadata();
        }

        @Override
        public List<String> notes() {
            return file.notes();
        }

        @Override
        public OnDevice on(Device device, Shape shape) {
            return new OnDevice(telling(blackBox, file.on(device, shape)), null);
        }

        @Override
        public void close() {
            file.close();
        }

        @Override
        public String toString() {
            return "in ONNX Runtime, of inputs " + file.input();
        }
    }
}
