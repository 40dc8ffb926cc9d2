package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Ascent;
import org.saddlepoint.device.AscentOperations;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.RandomStream;

/** APGD as launches. */
final class CudaAscentOperations implements AscentOperations {
    private static final float NOT_FIRST = -1f;
    private static final int NO_CHECKPOINT = -1;

    private final CudaDriver driver;
    private final Launchers launchers;

    CudaAscentOperations(CudaDriver driver, Launchers launchers) {
        this.driver = driver;
        this.launchers = launchers;
    }

    @Override
    public void start(Ascent ascent, Buffer indices, RandomStream random, int restart) {
        driver.run(() -> launchers.ascentStart.run(ascent, indices, random, restart));
    }

    @Override
    public void begin(Ascent ascent, Buffer loss, float stepSize) {
        driver.run(() -> launchers.ascentCheck.run(ascent, loss, stepSize, NO_CHECKPOINT));
    }

    @Override
    public void step(Ascent ascent, float momentum) {
        driver.run(() -> launchers.ascentStep.run(ascent, momentum));
    }

    @Override
    public void keep(Ascent ascent, Buffer loss) {
        driver.run(() -> launchers.ascentCheck.run(ascent, loss, NOT_FIRST, NO_CHECKPOINT));
    }

    @Override
    public void check(Ascent ascent, Buffer loss, int fewestRises) {
        driver.run(() -> launchers.ascentCheck.run(ascent, loss, NOT_FIRST, fewestRises));
    }
}
