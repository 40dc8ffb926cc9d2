package org.saddlepoint.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The ceiling of what streams: a = b + s * c, 12 bytes an element as STREAM counts them (the line that a write reads
 * first is not counted), in the caches and in memory. Each of the JMH threads has its share of the arrays.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@Warmup(iterations = 3, time = 100, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx2g")
public class Triad {
    /** For the record; JMH's -t does it. */
    @Param({"1", "2"})
    public int threads;

    /** Floats of an array, all threads together: 300 KB, 2.4 MB and 400 MB of working set. */
    @Param({"25088", "200704", "33554432"})
    public int floats;

    private float[] a;
    private float[] b;
    private float[] c;
    private float scale = 3f;

    /** Allocates the arrays. */
    @Setup
    public void allocate() {
        a = new float[floats / threads];
        b = new float[a.length];
        c = new float[a.length];
    }

    /** One pass. */
    @Benchmark
    public void run(Work work) {
        for (int i = 0; i < a.length; i++) {
            a[i] = b[i] + scale * c[i];
        }
        work.bytes += 12.0 * a.length;
    }
}
