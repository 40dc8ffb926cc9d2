package org.saddlepoint.peers;

import org.tensorflow.TensorFlow;

/** TensorFlow in graph mode: a batch, its whole attack and its weight update are one graph and one call. */
public final class TensorFlowPeer implements Peer {
    private TensorFlowPeer() {}

    /**
     * The process.
     *
     * @param arguments workload, variant, threads
     * @throws Exception what training threw
     */
    public static void main(String[] arguments) throws Exception {
        Peer.serve(new TensorFlowPeer(), arguments);
    }

    @Override
    public String version() {
        return "TensorFlow " + TensorFlow.version() + " (org.tensorflow:tensorflow-core-api 1.1.0)";
    }

    @Override
    public Session open(Workload workload, String variant, int threads) {
        return new TensorFlowGraph(workload, threads);
    }
}
