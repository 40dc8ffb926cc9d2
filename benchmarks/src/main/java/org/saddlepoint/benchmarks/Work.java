package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a benchmark did, counted beside its calls: JMH reports each a second. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Work {
    /** Floating-point operations of the formula; a multiply-add counts two. */
    public double flops;

    /** Bytes that the formula has to read and write, each operand once. */
    public double bytes;

    /** Training examples, each through its whole attack and the weight update. */
    public double samples;
}
