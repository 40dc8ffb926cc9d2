package org.saddlepoint.train;

/** Is told of every batch, on the training thread: cheap unless it asks for the figures. */
@FunctionalInterface
public interface ProgressListener {
    /**
     * A batch is trained.
     *
     * @param progress how far training is
     */
    void batchDone(Progress progress);

    /** How far an epoch is. */
    interface Progress {
        /**
         * The epoch.
         *
         * @return from 1
         */
        int epoch();

        /**
         * Examples trained on in this epoch so far.
         *
         * @return at most {@link #samples}
         */
        int done();

        /**
         * Examples of the epoch.
         *
         * @return the size of the training set
         */
        int samples();

        /**
         * Mean loss of the epoch as far as the device has reported it; asks for more, and never waits for it.
         *
         * @return on the inputs that were trained on; NaN before the first report
         */
        double loss();

        /**
         * Accuracy of the epoch as far as the device has reported it; asks for more, and never waits for it.
         *
         * @return on the inputs that were trained on, 0 to 1; NaN before the first report
         */
        double accuracy();
    }
}
