package org.saddlepoint.peers;

import org.nd4j.linalg.factory.Nd4j;

/** DL4J. Variants: {@code network}, DL4J's own; {@code byhand}, a backward pass in the arrays under it, ND4J. */
public final class Dl4jPeer implements Peer {
    private Dl4jPeer() {}

    /**
     * The process.
     *
     * @param arguments workload, variant, threads
     * @throws Exception what training threw
     */
    public static void main(String[] arguments) throws Exception {
        Peer.serve(new Dl4jPeer(), arguments);
    }

    @Override
    public String version() {
        return "DL4J and ND4J 1.0.0-M2.1, " + Nd4j.getBackend().getClass().getSimpleName();
    }

    @Override
    public Session open(Workload workload, String variant, int threads) {
        return variant.equals("network") ? new Dl4jNetwork(workload) : new Nd4jSession(workload);
    }
}
