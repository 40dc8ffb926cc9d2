package org.saddlepoint.peers;

/** A training that goes on for as long as it is asked to. */
public interface Session {
    /**
     * What a stretch of training did.
     *
     * @param samples trained on, each through its whole attack and the weight update
     * @param seconds it took
     * @param loss mean loss on the attacked examples
     */
    record Slice(long samples, double seconds, double loss) {}

    /**
     * Trains on.
     *
     * @param seconds at least
     * @return what was done
     */
    Slice run(double seconds);
}
