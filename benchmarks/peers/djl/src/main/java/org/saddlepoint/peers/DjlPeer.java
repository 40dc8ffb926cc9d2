package org.saddlepoint.peers;

import ai.djl.engine.Engine;

/** DJL with its PyTorch engine, gradients by its gradient collector. */
public final class DjlPeer implements Peer {
    private DjlPeer() {}

    /**
     * The process.
     *
     * @param arguments workload, variant, threads
     * @throws Exception what training threw
     */
    public static void main(String[] arguments) throws Exception {
        Peer.serve(new DjlPeer(), arguments);
    }

    @Override
    public String version() {
        return "DJL " + Engine.getDjlVersion() + ", engine PyTorch "
                + Engine.getInstance().getVersion();
    }

    @Override
    public Session open(Workload workload, String variant, int threads) {
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        return new DjlSession(workload);
    }
}
