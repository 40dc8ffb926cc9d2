"""Small ONNX files with what PyTorch computes of them, for OnnxFixturesTest; a state dict, for StateDictTest.

For each NAME.onnx there is NAME.npz with x (a batch of inputs in the order of the model: channels, height, width), logits,
labels, and gradient: that of each example's cross-entropy of the logits with respect to its input. Made with Debian's
python3-torch 1.13.1, python3-onnx 1.12.0 and python3-numpy 1.24.2:

    /usr/bin/python3 make_fixtures.py
"""

import json
import os
import struct
import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH = 3


def record(name, function, shape, classes, positive=False):
    """Writes the npz: inputs, logits, and input gradients, in double precision."""
    torch.manual_seed(7)
    x = torch.rand(BATCH, *shape, dtype=torch.double) * (1 if positive else 2) - (0 if positive else 1)
    x = x.float().double().requires_grad_()
    logits = function(x)
    assert logits.shape == (BATCH, classes), (name, logits.shape)
    labels = torch.arange(BATCH) % classes
    loss = nn.functional.cross_entropy(logits, labels, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, x)
    np.savez_compressed(
        os.path.join(HERE, name + ".npz"),
        x=x.detach().numpy().astype(np.float32),
        logits=logits.detach().numpy().astype(np.float32),
        labels=labels.numpy().astype(np.int32),
        gradient=gradient.numpy().astype(np.float32),
    )


def export(name, module, shape, classes, opset=14, dynamic=True, logits=None, training=None, batch_axis=0, **options):
    """Exports a PyTorch module; logits says what is compared where the module's output is not the logits."""
    torch.manual_seed(len(name))
    module = module.float().eval()
    for p in module.parameters():
        p.data = torch.randn_like(p) * 0.3
    for m in module.modules():
        if isinstance(m, (nn.BatchNorm2d, nn.BatchNorm1d)):
            m.running_mean = torch.randn_like(m.running_mean) * 0.2
            m.running_var = torch.rand_like(m.running_var) + 0.5
    batch = torch.rand(2 if dynamic else 1, *shape)
    if batch_axis:
        batch = batch.transpose(0, batch_axis)
    axes = {"input": {batch_axis: "batch"}, "output": {0: "batch"}} if dynamic else None
    torch.onnx.export(
        module, batch, os.path.join(HERE, name + ".onnx"), opset_version=opset, input_names=["input"],
        output_names=["output"], dynamic_axes=axes,
        training=training or torch.onnx.TrainingMode.EVAL, **options)
    if name == "batch-norm":
        state_dict(name, module)
    module = module.double().eval()
    record(name, logits or module, shape, classes)


def state_dict(name, module):
    """Writes a module's state dict as safetensors.torch.save_file would: eight-byte integers first, no metadata."""
    tensors = sorted(module.state_dict().items(), key=lambda item: (item[1].dtype != torch.int64, item[0]))
    header, data = {}, b""
    for key, tensor in tensors:
        values = tensor.numpy().tobytes()
        kind = "I64" if tensor.dtype == torch.int64 else "F32"
        header[key] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(HERE, name + ".safetensors"), "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + data)


class Lambda(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Residual(nn.Module):
    """x + f(x), or g(x) + f(x)."""

    def __init__(self, *layers, shortcut=None):
        super().__init__()
        self.f = nn.Sequential(*layers)
        self.g = shortcut or nn.Identity()

    def forward(self, x):
        return self.f(x) + self.g(x)


class Inception(nn.Module):
    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return torch.cat([b(x) for b in self.branches], 1)


class Sequence(nn.Module):
    """A recurrent layer (or more), then a dense one over the last state or the state that it returns."""

    def __init__(self, rnn, classes, last, batch_first=True):
        super().__init__()
        self.rnn, self.last, self.batch_first = rnn, last, batch_first
        self.dense = nn.Linear(rnn.hidden_size, classes)

    def forward(self, x):
        y, h = self.rnn(x)
        if self.last:
            return self.dense(y[:, -1] if self.batch_first else y[-1])
        return self.dense((h[0] if isinstance(h, tuple) else h)[-1])


class View(nn.Module):
    """Flattens as code of old does: with arithmetic on sizes."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3)
        self.dense = nn.Linear(3 * 2 * 3, 4)

    def forward(self, x):
        y = torch.relu(self.conv(x))
        y = y.view(-1, y.size(1), y.size(2) * y.size(3))
        return self.dense(y.reshape(x.size(0), -1))


class Normalized(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.4, 0.5, 0.6]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.2, 0.25, 0.3]).view(1, 3, 1, 1))
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers((x - self.mean) / self.std)


def torch_fixtures():
    linear, conv, relu, flat = nn.Linear, nn.Conv2d, nn.ReLU, nn.Flatten
    export("mlp", nn.Sequential(flat(), linear(12, 5), relu(), linear(5, 3)), (1, 3, 4), 3, opset=9)
    export("mlp-fixed-batch", nn.Sequential(linear(6, 5), nn.Tanh(), linear(5, 3)), (6,), 3, dynamic=False)
    body = nn.Sequential(linear(6, 4), nn.Sigmoid(), linear(4, 3))
    export("softmax", nn.Sequential(body, nn.Softmax(1)), (6,), 3, logits=body)
    export("log-softmax", nn.Sequential(body, nn.LogSoftmax(-1)), (6,), 3, opset=11, logits=body)
    export("activations", nn.Sequential(
        linear(6, 8), nn.LeakyReLU(0.1), linear(8, 8), nn.ReLU6(), linear(8, 8), nn.Hardtanh(-0.5, 0.7), linear(8, 3)),
        (6,), 3)
    export("clip-opset9", nn.Sequential(linear(6, 8), nn.ReLU6(), linear(8, 3)), (6,), 3, opset=9)
    export("cnn", nn.Sequential(
        conv(1, 4, 3, padding=1), relu(), nn.MaxPool2d(2), conv(4, 5, (3, 2), stride=(2, 1), padding=(0, 1)), relu(),
        nn.AvgPool2d(2), flat(), linear(10, 4)), (1, 10, 8), 4)
    export("conv-groups", nn.Sequential(
        conv(4, 6, 3, groups=2, bias=False), relu(), conv(6, 6, 3, groups=6, dilation=2, padding=2), relu(), flat(),
        linear(6 * 9, 3)), (4, 5, 5), 3)
    export("pooling", nn.Sequential(
        nn.MaxPool2d(3, 2, 1, dilation=1), conv(2, 3, 1), nn.AvgPool2d(3, 1, 1, count_include_pad=False),
        nn.AvgPool2d(2, 2, 1), flat(), linear(27, 3)), (2, 7, 8), 3)
    export("pooling-ceil", nn.Sequential(
        conv(1, 2, 1), nn.MaxPool2d(2, 2, ceil_mode=True), nn.MaxPool2d(2, 1, ceil_mode=True), flat(), linear(8, 3)),
        (1, 5, 5), 3)
    export("global-pool", nn.Sequential(
        conv(3, 4, 3), relu(), nn.AdaptiveAvgPool2d(1), flat(), linear(4, 3)), (3, 6, 5), 3)
    export("mean-over-pixels", nn.Sequential(
        conv(3, 4, 3), relu(), Lambda(lambda x: x.mean((2, 3))), linear(4, 3)), (3, 6, 5), 3)
    export("batch-norm", nn.Sequential(
        conv(2, 3, 3), nn.BatchNorm2d(3, eps=1e-3, momentum=0.2), relu(), flat(), linear(12, 4), nn.BatchNorm1d(4),
        relu(), linear(4, 3)), (2, 4, 4), 3, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
    export("layer-norm", nn.Sequential(
        linear(6, 5), nn.LayerNorm(5), relu(), linear(5, 3)), (6,), 3, opset=17)
    export("layer-norm-image", nn.Sequential(
        conv(1, 2, 2), nn.LayerNorm([2, 3, 4]), relu(), flat(), linear(24, 3)), (1, 4, 5), 3, opset=17)
    export("layer-norm-parts", nn.Sequential(
        linear(6, 5), nn.LayerNorm(5), relu(), linear(5, 3)), (6,), 3, opset=13)
    export("dropout", nn.Sequential(
        linear(6, 5), relu(), nn.Dropout(0.25), linear(5, 3)), (6,), 3, opset=13,
        training=torch.onnx.TrainingMode.PRESERVE)
    export("normalized", Normalized(conv(3, 2, 3), relu(), flat(), linear(8, 3)), (3, 4, 4), 3)
    export("residual", nn.Sequential(
        conv(2, 3, 3, padding=1), relu(),
        Residual(conv(3, 3, 3, padding=1), relu(), conv(3, 3, 3, padding=1)), relu(),
        Residual(conv(3, 4, 3, stride=2, padding=1), relu(), conv(4, 4, 3, padding=1),
                 shortcut=conv(3, 4, 1, stride=2)), relu(),
        nn.AdaptiveAvgPool2d(1), flat(), linear(4, 3)), (2, 5, 5), 3)
    export("inception", nn.Sequential(
        conv(1, 2, 1), relu(),
        Inception(conv(2, 2, 1), nn.Sequential(conv(2, 2, 1), relu(), conv(2, 3, 3, padding=1)),
                  Residual(conv(2, 2, 3, padding=1)), nn.MaxPool2d(3, 1, 1)),
        flat(), linear(9 * 9, 3)), (1, 3, 3), 3)
    export("view", View(), (1, 4, 5), 4)
    export("view-fixed-batch", View(), (1, 4, 5), 4, dynamic=False)
    for kind, layer in (("rnn", nn.RNN), ("lstm", nn.LSTM), ("gru", nn.GRU)):
        export(kind + "-last-step", Sequence(layer(3, 4, batch_first=True), 3, True), (5, 3), 3)
        export(kind + "-last-state", Sequence(layer(3, 4, batch_first=True), 3, False), (5, 3), 3)
    export("rnn-relu", Sequence(nn.RNN(3, 4, nonlinearity="relu", batch_first=True), 3, True), (5, 3), 3, opset=11)
    export("lstm-two-layers", Sequence(nn.LSTM(3, 4, num_layers=2, batch_first=True), 3, True), (5, 3), 3)
    export("lstm-fixed-batch", Sequence(nn.LSTM(3, 4, batch_first=True), 3, True), (5, 3), 3, dynamic=False)
    steps_first = Sequence(nn.GRU(3, 4), 3, True, batch_first=False)
    export("gru-steps-first", steps_first, (5, 3), 3, batch_axis=1, logits=lambda x: steps_first(x.transpose(0, 1)))
    export("rows-as-steps", nn.Sequential(Lambda(lambda x: x.squeeze(1)), Sequence(nn.LSTM(4, 3, batch_first=True), 3, True)),
           (1, 5, 4), 3)


def array(name, values):
    return numpy_helper.from_array(np.asarray(values), name)


def graph(name, nodes, shape, classes, initializers, opset=13):
    model = helper.make_model(
        helper.make_graph(
            nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", classes])], initializers),
        opset_imports=[helper.make_opsetid("", opset)])
    onnx.checker.check_model(model)
    return model


def save(name, model, **options):
    onnx.save(model, os.path.join(HERE, name + ".onnx"), **options)


def keras_fixtures():
    """As tf2onnx writes Keras models: images height x width x channels, transposed around what wants channels first."""
    r = np.random.RandomState(5)
    draw = lambda *s: (r.randn(*s) * 0.3).astype(np.float32)
    node = helper.make_node
    to_nchw, to_nhwc = [0, 3, 1, 2], [0, 2, 3, 1]

    w, b, gamma, shift, d, e = draw(4, 3, 3, 3), draw(4), draw(4), draw(4), draw(4 * 3 * 2, 5), draw(5)
    nodes = [
        node("Transpose", ["x"], ["t"], perm=to_nchw),
        node("Conv", ["t", "w"], ["c"], auto_pad="SAME_UPPER", strides=[2, 2]),
        node("Transpose", ["c"], ["n"], perm=to_nhwc),
        node("Add", ["n", "b"], ["nb"]),
        node("Relu", ["nb"], ["a"]),
        node("Mul", ["a", "gamma"], ["m"]), node("Add", ["m", "shift"], ["s"]),
        node("Reshape", ["s", "sizes"], ["f"]),
        node("MatMul", ["f", "d"], ["g"]), node("Add", ["g", "e"], ["h"]), node("Softmax", ["h"], ["y"]),
    ]
    initializers = [array("w", w), array("b", b), array("gamma", gamma), array("shift", shift), array("d", d),
                    array("e", e), array("sizes", np.array([-1, 24], np.int64))]
    save("keras-cnn", graph("keras-cnn", nodes, ["batch", 5, 4, 3], 5, initializers))
    t = lambda a: torch.tensor(a, dtype=torch.double)

    def keras(x):
        y = nn.functional.conv2d(nn.functional.pad(x, (0, 1, 1, 1)), t(w), stride=2)
        y = torch.relu(y.permute(0, 2, 3, 1) + t(b)) * t(gamma) + t(shift)
        return y.reshape(len(x), -1) @ t(d) + t(e)

    record("keras-cnn", keras, (3, 5, 4), 5)

    # Channels last all along, with a mean over the pixels and a branch.
    w1, w2 = draw(2, 1, 3, 3), draw(2, 2, 3, 3)
    d, e = draw(4, 3), draw(3)
    nodes = [
        node("Mul", ["x", "scale"], ["x1"]), node("Sub", ["x1", "half"], ["x2"]),
        node("Transpose", ["x2"], ["t"], perm=to_nchw),
        node("Pad", ["t", "pads"], ["p"]), node("Conv", ["p", "w1"], ["c"]), node("Relu", ["c"], ["a"]),
        node("Conv", ["a", "w2"], ["c2"], pads=[1, 1, 1, 1]), node("Transpose", ["c2"], ["n2"], perm=to_nhwc),
        node("Transpose", ["a"], ["n1"], perm=to_nhwc), node("Add", ["n1", "n2"], ["sum"]),
        node("Concat", ["sum", "n2"], ["both"], axis=3),
        node("ReduceMean", ["both"], ["mean"], axes=[1, 2], keepdims=0),
        node("Gemm", ["mean", "d", "e"], ["y"], alpha=0.5, beta=2.0),
    ]
    initializers = [array("scale", np.float32(2)), array("half", np.array([0.5], np.float32)),
                    array("pads", np.array([0, 0, 1, 0, 0, 0, 1, 2], np.int64)), array("w1", w1), array("w2", w2),
                    array("d", d), array("e", e)]
    # Read by two branches that meet in different places: no series-parallel graph.
    save("keras-shared", graph("keras-shared", nodes, ["batch", 6, 5, 1], 3, initializers))
    nodes[10] = node("Concat", ["sum", "n1"], ["both"], axis=3)
    save("keras-branches", graph("keras-branches", nodes, ["batch", 6, 5, 1], 3, initializers))

    def branches(x):
        a = torch.relu(nn.functional.conv2d(nn.functional.pad(2 * x - 0.5, (0, 2, 1, 1)), t(w1)))
        c2 = nn.functional.conv2d(a, t(w2), padding=1)
        return 0.5 * torch.cat([a + c2, a], 1).mean((2, 3)) @ t(d) + 2 * t(e)

    record("keras-branches", branches, (1, 6, 5), 3)


def format_fixtures():
    """The same small network in different clothes."""
    r = np.random.RandomState(9)
    w1, b1 = (r.randn(4, 6) * 0.5).astype(np.float16).astype(np.float32), r.randn(4).astype(np.float32)
    w2, b2 = r.randn(4, 3).astype(np.float32), r.randn(3).astype(np.float32)
    node = helper.make_node
    t = lambda a: torch.tensor(a, dtype=torch.double)
    logits = lambda x: torch.relu(x @ t(w1).T + t(b1)) @ t(w2) + t(b2)
    sizes = [numpy_helper.from_array(w1.astype(np.float16), "w1"), array("b1", b1.astype(np.float64)),
             helper.make_tensor("w2", TensorProto.FLOAT, [4, 3], w2.flatten()), array("b2", b2)]
    nodes = [
        node("Cast", ["w1"], ["w1f"], to=TensorProto.FLOAT), node("Cast", ["b1"], ["b1f"], to=TensorProto.FLOAT),
        node("Transpose", ["w1f"], ["w1t"]),
        node("MatMul", ["x", "w1t"], ["h"]), node("Add", ["b1f", "h"], ["hb"]), node("Relu", ["hb"], ["a"]),
        node("Identity", ["a"], ["i"]), node("Gemm", ["i", "w2", "b2"], ["y"]),
    ]
    model = graph("typed-data", nodes, ["batch", 6], 3, sizes)
    save("typed-data", model)
    record("typed-data", logits, (6,), 3)
    if os.path.exists(os.path.join(HERE, "external.bin")):
        os.remove(os.path.join(HERE, "external.bin"))  # onnx.save would append to it
    model = graph("external", nodes, ["batch", 6], 3, sizes)
    save("external", model, save_as_external_data=True, location="external.bin", size_threshold=0)
    record("external", logits, (6,), 3)


if __name__ == "__main__":
    torch_fixtures()
    keras_fixtures()
    format_fixtures()
