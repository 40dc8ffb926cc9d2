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
         * Mean loss of the epoch so far; reads it from the device.
         *
         * @return on the inputs that were trained on
         */
        double loss();

        /**
         * Accuracy of the epoch so far; reads it from the device.
         *
         * @return on the inputs that were trained on, 0 to 1
         */
        double accuracy();
    }
}
