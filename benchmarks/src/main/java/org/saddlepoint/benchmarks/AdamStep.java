package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Operations;

/** A step of Adam: reads gradient, moments and parameters, writes moments and parameters. */
public class AdamStep extends OperationBenchmark {
    private static final Operations.AdamSettings SETTINGS =
            new Operations.AdamSettings(1e-3f, 0.9f, 0.999f, 1e-8f, 0f, false);
    private static final int STEP = 100;

    /** Parameters: an awkward few, 784-128-10, 784-512-256-10. */
    @Param({"1021", "101770", "535818"})
    public String shape;

    private int length;
    private float[] gradient;
    private float[] m;
    private float[] v;
    private float[] parameters;
    private Buffer gradientBuffer;
    private Buffer mBuffer;
    private Buffer vBuffer;
    private Buffer parameterBuffer;

    @Override
    void prepare() {
        length = numbers(shape)[0];
        gradient = uniform(length, -0.01, 0.01);
        m = uniform(length, -0.01, 0.01);
        v = uniform(length, 0, 1e-4);
        parameters = uniform(length, -0.1, 0.1);
        gradientBuffer = buffer(gradient);
        mBuffer = buffer(m);
        vBuffer = buffer(v);
        parameterBuffer = buffer(parameters);
    }

    /** One step, always with the bias corrections of the same step. */
    @Benchmark
    public void run(Work work) {
        operations.adam(length, gradientBuffer, SETTINGS, STEP, mBuffer, vBuffer, parameterBuffer);
        work.bytes += 28.0 * length;
    }

    @Override
    void check() {
        mBuffer.write(m);
        vBuffer.write(v);
        parameterBuffer.write(parameters);
        operations.adam(length, gradientBuffer, SETTINGS, STEP, mBuffer, vBuffer, parameterBuffer);
        float[] found = parameterBuffer.floats(length);
        double beta1 = SETTINGS.beta1();
        double beta2 = SETTINGS.beta2();
        for (int i = 0; i < length; i++) {
            double first = beta1 * m[i] + (1 - beta1) * gradient[i];
            double second = beta2 * v[i] + (1 - beta2) * gradient[i] * gradient[i];
            double root = Math.sqrt(second / (1 - Math.pow(beta2, STEP))) + SETTINGS.stabilizer();
            double change = SETTINGS.learningRate() * first / (1 - Math.pow(beta1, STEP)) / root;
            // 1 - beta2 in float32 is off by 2^-25 / 0.001 relative: that, on the change, and an ulp of the parameter.
            double tolerance = 1e-4 * Math.abs(change) + 1e-6 * SETTINGS.learningRate() + 0x1p-23 * 0.1;
            Reference.requireNear("Adam", i, parameters[i] - change, found[i], tolerance);
        }
    }
}
