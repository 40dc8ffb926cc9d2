package org.saddlepoint.device.cuda;

/** kernels/l2_step.cu. */
final class L2Step {
    private final Kernel kernel;

    L2Step(KernelModule module) {
        kernel = module.kernel("l2_step");
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
