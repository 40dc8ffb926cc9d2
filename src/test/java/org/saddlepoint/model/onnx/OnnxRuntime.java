package org.saddlepoint.model.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.saddlepoint.model.Shape;

/** ONNX Runtime, an implementation of the format that is not ours. */
final class OnnxRuntime {
    private OnnxRuntime() {}

    /** The output of a model of one input and one output. */
    static float[] run(Path file, Shape input, float[] x) throws OrtException {
        long[] shape = new long[input.dimensions().size() + 1];
        shape[0] = x.length / input.size();
        for (int i = 1; i < shape.length; i++) {
            shape[i] = input.dimensions().get(i - 1);
        }
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(file.toString(), new OrtSession.SessionOptions());
                OnnxTensor values = OnnxTensor.createTensor(environment, FloatBuffer.wrap(x), shape);
                OrtSession.Result result =
                        session.run(Map.of(session.getInputNames().iterator().next(), values))) {
            FloatBuffer out = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] all = new float[out.remaining()];
            out.get(all);
            return all;
        }
    }
}
