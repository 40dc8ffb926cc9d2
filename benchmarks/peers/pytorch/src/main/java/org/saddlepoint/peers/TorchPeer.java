package org.saddlepoint.peers;

import java.io.IOException;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;

/**
 * PyTorch's C++ library. Variants: {@code autograd} or {@code byhand}; with {@code -flush}, denormal numbers are flushed
 * to zero.
 */
public final class TorchPeer implements Peer {
    private TorchPeer() {}

    /**
     * The process.
     *
     * @param arguments workload, variant, threads
     * @throws Exception what training threw
     */
    public static void main(String[] arguments) throws Exception {
        Peer.serve(new TorchPeer(), arguments);
    }

    @Override
    public String version() {
        return "PyTorch (org.bytedeco:pytorch " + version("pytorch") + ", openblas " + version("openblas") + "), "
                + torch.get_num_threads() + " threads";
    }

    private static String version(String artifact) {
        try {
            return Loader.getVersion("org.bytedeco", artifact);
        } catch (IOException e) {
            return "of unknown version";
        }
    }

    @Override
    public Session open(Workload workload, String variant, int threads) {
        torch.set_num_threads(threads);
        torch.manual_seed(1);
        if (variant.endsWith("-flush") && !Context.setFlushDenormal(true)) {
            throw new IllegalStateException("this processor does not flush denormals");
        }
        return variant.startsWith("autograd") ? new TorchAutograd(workload) : new TorchByHand(workload);
    }
}
