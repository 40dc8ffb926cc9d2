package org.saddlepoint.device.cuda;

/** One launcher for each operation, over one module. */
final class Launchers {
    final DenseForward denseForward;
    final DenseInputGradient denseInputGradient;
    final DenseWeightGradient denseWeightGradient;
    final DenseLinfStep denseLinfStep;
    final DensePrepareBf16 densePrepareBf16;
    final ActivationForward activationForward;
    final ActivationGradient activationGradient;
    final ScaleShift scaleShift;
    final SoftmaxCrossEntropy softmaxCrossEntropy;
    final MeanSquaredError meanSquaredError;
    final Margin margin;
    final ArgMax argMax;
    final LinfStep linfStep;
    final L2Step l2Step;
    final L1Step l1Step;
    final RandomStart randomStart;
    final RandomWords randomWords;
    final KeepIterate keepIterate;
    final FusedAttack fusedAttack;
    final Sgd sgd;
    final Adam adam;
    final Gather gather;
    final CursorKernels cursor;
    final Sum sum;

    Launchers(CudaDriver driver, KernelModule module, Scratch scratch) {
        denseForward = new DenseForward(module);
        denseInputGradient = new DenseInputGradient(module);
        denseWeightGradient = new DenseWeightGradient(driver, module);
        denseLinfStep = new DenseLinfStep(module, scratch);
        densePrepareBf16 = new DensePrepareBf16(module);
        activationForward = new ActivationForward(module);
        activationGradient = new ActivationGradient(module);
        scaleShift = new ScaleShift(module);
        softmaxCrossEntropy = new SoftmaxCrossEntropy(module);
        meanSquaredError = new MeanSquaredError(module);
        margin = new Margin(module);
        argMax = new ArgMax(module);
        linfStep = new LinfStep(module);
        l2Step = new L2Step(module);
        l1Step = new L1Step(module);
        randomStart = new RandomStart(module);
        randomWords = new RandomWords(module);
        keepIterate = new KeepIterate(module);
        fusedAttack = new FusedAttack(module, driver.hardware());
        sgd = new Sgd(module);
        adam = new Adam(module);
        gather = new Gather(module);
        cursor = new CursorKernels(module);
        sum = new Sum(module);
    }
}
