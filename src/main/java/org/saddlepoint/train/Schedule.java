package org.saddlepoint.train;

/** How the learning rate moves over training: a factor on the optimizer's own, by step. */
public enum Schedule {
    /** 1 throughout. */
    CONSTANT("constant") {
        @Override
        public double factor(long step, long total) {
            return 1;
        }
    },
    /** 1, then 0.1 from half of all steps on, then 0.01 from three quarters on (the steps of Madry et al. and TRADES). */
    PIECEWISE("piecewise") {
        @Override
        public double factor(long step, long total) {
            double done = (double) step / total;
            return done < 0.5 ? 1 : done < 0.75 ? 0.1 : 0.01;
        }
    },
    /** From 1 to 0 along half a cosine (Loshchilov and Hutter 2017, eq. 5, without restarts). */
    COSINE("cosine") {
        @Override
        public double factor(long step, long total) {
            return 0.5 * (1 + Math.cos(Math.PI * step / total));
        }
    },
    /** Linearly up to 1 over the first 40 percent of all steps and down to 0 (Wong et al. 2020). */
    ONE_CYCLE("one-cycle") {
        @Override
        public double factor(long step, long total) {
            double done = (step + 1.0) / (total + 1.0);
            return done < 0.4 ? done / 0.4 : (1 - done) / 0.6;
        }
    };

    private final String label;

    Schedule(String label) {
        this.label = label;
    }

    /**
     * The factor of a step.
     *
     * @param step from 0
     * @param total all steps of the training
     * @return in (0,1]
     */
    public abstract double factor(long step, long total);

    /**
     * The name on the command line and in results.
     *
     * @return such as {@code one-cycle}
     */
    public String label() {
        return label;
    }
}
