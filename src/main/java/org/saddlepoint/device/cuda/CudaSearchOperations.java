package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Loop;
import org.saddlepoint.device.SearchOperations;
import org.saddlepoint.device.SquareWindows;

/** Random search as launches. */
final class CudaSearchOperations implements SearchOperations {
    private final CudaDriver driver;
    private final Launchers launchers;

    CudaSearchOperations(CudaDriver driver, Launchers launchers) {
        this.driver = driver;
        this.launchers = launchers;
    }

    @Override
    public void squareStart(Loop loop, SquareWindows windows, float amplitude) {
        driver.run(() -> launchers.square.start(loop, windows, amplitude));
    }

    @Override
    public void squareProposal(Loop loop, SquareWindows windows, int query) {
        driver.run(() -> launchers.square.propose(loop, windows, query));
    }
}
