package org.saddlepoint.device.cuda;

/** kernels/linf_step.cu. */
final class LinfStep {
    private final Kernel kernel;

    LinfStep(KernelModule module) {
        kernel = module.kernel("linf_step");
    }

    void run(StepArguments step) {
        kernel.rows(step.n())
                .with(step.n())
                .with(step.d())
                .with(step.gradient())
                .with(step.origin())
                .with(step.stepSize())
                .with(step.epsilon())
                .with(step.beaten())
                .with(step.zeroGradients())
                .with(step.x())
                .run();
    }
}
