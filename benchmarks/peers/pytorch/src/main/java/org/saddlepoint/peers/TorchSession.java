package org.saddlepoint.peers;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** What both ways share: data, parameters, optimizer, batch and ball. All pointers made here live with the process. */
abstract class TorchSession extends BatchSession {
    final Workload workload;
    final int layers;
    final List<Tensor> weights = new ArrayList<>();
    final List<Tensor> biases = new ArrayList<>();
    final Adam optimizer;
    final Scalar stepSize;
    final Tensor x;
    final Tensor origin;
    final Tensor targets;
    private final Scalar epsilon;
    private final Scalar minusEpsilon;
    private final ScalarOptional zero = new ScalarOptional(new Scalar(0.0f));
    private final ScalarOptional one = new ScalarOptional(new Scalar(1.0f));
    private final Tensor data;
    private final Tensor labels;
    private final TensorOptional low;
    private final TensorOptional high;
    private final Tensor lowest;
    private final Tensor highest;
    Tensor loss;

    TorchSession(Workload workload) {
        super(workload);
        this.workload = workload;
        layers = workload.layers().size();
        Synthetic synthetic = new Synthetic();
        long[] all = {Synthetic.SIZE, Synthetic.FEATURES};
        data = torch.from_blob(new FloatPointer(synthetic.floats), all).clone();
        labels = int64(synthetic.labels).clone();
        stepSize = new Scalar((float) workload.stepSize());
        epsilon = new Scalar((float) workload.epsilon());
        minusEpsilon = new Scalar((float) -workload.epsilon());
        TensorVector parameters = new TensorVector();
        for (int i = 0; i < layers; i++) {
            Workload.Layer layer = workload.layers().get(i);
            double bound = Math.sqrt(6.0 / layer.fanIn());
            Tensor w = torch.rand(layer.out(), layer.fanIn())
                    .mul_(new Scalar(2 * bound))
                    .sub_(new Scalar(bound));
            if (layer.convolution()) {
                w = images(w, Workload.KERNEL);
            }
            Tensor b = torch.zeros(layer.out());
            weights.add(w.set_requires_grad(true));
            biases.add(b.set_requires_grad(true));
            parameters.push_back(w);
            parameters.push_back(b);
        }
        optimizer = new Adam(parameters, new AdamOptions(Workload.LEARNING_RATE));
        x = torch.zeros(workload.batch(), Synthetic.FEATURES);
        origin = torch.zeros(workload.batch(), Synthetic.FEATURES);
        lowest = torch.zeros(workload.batch(), Synthetic.FEATURES);
        highest = torch.zeros(workload.batch(), Synthetic.FEATURES);
        low = new TensorOptional(lowest);
        high = new TensorOptional(highest);
        targets = torch.zeros(new long[] {workload.batch()}, new TensorOptions(torch.ScalarType.Long));
        loss = torch.zeros(1);
    }

    /** Rows as square images, whose channels lie innermost: oneDNN's convolutions are fastest so. */
    static Tensor images(Tensor rows, long side) {
        return rows.view(rows.size(0), side, side, -1).permute(0, 3, 1, 2);
    }

    /** The images of {@link #images} as rows again. */
    static Tensor rows(Tensor images) {
        return torch.flatten(images.permute(0, 2, 3, 1), 1, -1);
    }

    @Override
    protected void train(int[] indices) {
        try (PointerScope scope = new PointerScope()) {
            Tensor index = int64(indices);
            try (NoGradGuard guard = new NoGradGuard()) {
                torch.index_select_out(origin, data, 0, index);
                torch.index_select_out(targets, labels, 0, index);
                lowest.copy_(origin).add_(minusEpsilon).clamp_(zero, one);
                highest.copy_(origin).add_(epsilon).clamp_(zero, one);
                x.uniform_(-workload.epsilon(), workload.epsilon(), null).add_(origin);
                x.clamp_(low, high);
            }
            perturbAndUpdate();
        }
    }

    /** All steps of the attack on x, then one of the optimizer. */
    abstract void perturbAndUpdate();

    /** x = clip(x + step * sign(gradient)), gradient overwritten. */
    void step(Tensor gradient) {
        x.add_(gradient.sign_(), stepSize);
        x.clamp_(low, high);
    }

    @Override
    protected double lastLoss() {
        return loss.item_float();
    }

    @Override
    protected float[] lastInputs() {
        return floats(x);
    }

    @Override
    protected float[] lastOriginals() {
        return floats(origin);
    }

    private static float[] floats(Tensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.numel())];
        new FloatPointer(tensor.data_ptr_float()).get(values);
        return values;
    }

    private static Tensor int64(int[] values) {
        LongPointer wide = new LongPointer(values.length);
        for (int i = 0; i < values.length; i++) {
            wide.put(i, values[i]);
        }
        return torch.from_blob(wide, new long[] {values.length}, new TensorOptions(torch.ScalarType.Long));
    }
}
