package org.saddlepoint.device.cuda;

/** kernels/l1_step.cu. */
final class L1Step {
    private final Kernel kernel;

    L1Step(KernelModule module) {
        kernel = module.kernel("l1_step");
    }

    void run(StepArguments step) {
        kernel.rows(step.n())
                .with(step.n())
                .with(step.d())
                .with(step.gradient())
                .with(step.origin())
                .with(step.stepSize())
                .with(step.epsilon())
                .with(step.top())
                .with(step.beaten())
                .with(step.zeroGradients())
                .with(step.x())
                .run();
    }
}
