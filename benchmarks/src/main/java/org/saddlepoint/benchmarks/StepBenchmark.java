package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Param;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.RandomStream.Purpose;
import org.saddlepoint.device.Start;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * What an attack does to a batch between two gradients. A step works in place: after the first calls x lies on the
 * ball's surface or in a corner, as in a real attack, and every call projects. The answer is checked on one step from
 * the originals.
 */
public abstract class StepBenchmark extends OperationBenchmark {
    /** Examples x features. */
    @Param({"32x784", "61x785", "256x784"})
    public String shape;

    int n;
    int d;
    float[] origin;
    float[] gradient;
    int[] indices;
    Loop loop;
    private Buffer originBuffer;

    abstract Norm norm();

    abstract float epsilon();

    /** Half the radius, so that the first step ends inside the ball. */
    float stepSize() {
        return epsilon() / 2;
    }

    /** Coordinates that share an L1 step: the default share of one in a hundred. */
    int top() {
        return Math.max(1, Math.round(0.01f * d));
    }

    void readShape() {
        int[] sizes = numbers(shape);
        n = sizes[0];
        d = sizes[1];
    }

    @Override
    void prepare() {
        readShape();
        origin = uniform(n * d, 0, 1);
        gradient = uniform(n * d, -1, 1);
        indices = integers(n, 60_000);
        originBuffer = buffer(origin);
        Loop.Rule rule = new Loop.Rule(
                new ThreatModel(norm(), epsilon()),
                1,
                stepSize(),
                top(),
                norm() == Norm.LINF ? Start.BALL_AND_BOX : Start.ORIGINAL,
                false);
        loop = new Loop(
                n,
                originBuffer,
                buffer(new int[n]),
                buffer(indices),
                buffer(origin),
                rule,
                new RandomStream(1, Purpose.ATTACK_START, 1),
                0,
                null,
                false);
        prepareStep();
    }

    abstract void prepareStep();

    /** One call from x = the originals. */
    float[] fromOrigin(Runnable call) {
        operations.copy((long) n * d, originBuffer, loop.x());
        call.run();
        return loop.x().floats(n * d);
    }

    static double clip(double value, double low, double high) {
        return Math.min(Math.max(value, low), high);
    }
}
