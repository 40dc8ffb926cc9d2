"""Made torch-layers.npz beside it, with PyTorch 1.13 and NumPy 1.24, in float64: python3 make_torch_layers.py"""

import numpy as np
import torch

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
arrays = {}


def keep(prefix, **tensors):
    for name, tensor in tensors.items():
        arrays[f"{prefix}.{name}"] = tensor.detach().numpy().copy()


def gradients(output, *tensors):
    seed = torch.randn_like(output)
    return [seed, *torch.autograd.grad(output, tensors, seed)]


N, STEPS, IN, HIDDEN = 3, 4, 5, 6
for name, layer in {
    "RNN_TANH": torch.nn.RNN(IN, HIDDEN, batch_first=True),
    "RNN_RELU": torch.nn.RNN(IN, HIDDEN, nonlinearity="relu", batch_first=True),
    "LSTM": torch.nn.LSTM(IN, HIDDEN, batch_first=True),
    "GRU": torch.nn.GRU(IN, HIDDEN, batch_first=True),
}.items():
    x = torch.randn(N, STEPS, IN, requires_grad=True)
    w, u, b, c = layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0
    states = layer(x)[0]
    d_states, dx, dw, du, db, dc = gradients(states, x, w, u, b, c)
    keep(name, x=x, w=w, u=u, b=b, c=c, states=states, d_states=d_states, dx=dx, dw=dw, du=du, db=db, dc=dc)

x = torch.randn(7, 4, requires_grad=True)
batch = torch.nn.BatchNorm1d(4, eps=1e-5, momentum=0.1)
torch.nn.init.uniform_(batch.weight, -2, 2)
torch.nn.init.uniform_(batch.bias, -2, 2)
y = batch(x)
dy, dx, dw, db = gradients(y, x, batch.weight, batch.bias)
keep("batch", x=x, weight=batch.weight, bias=batch.bias, y=y, dy=dy, dx=dx, dw=dw, db=db)
keep("batch", running_mean=batch.running_mean, running_var=batch.running_var)

layer = torch.nn.LayerNorm(4, eps=1e-5)
torch.nn.init.uniform_(layer.weight, -2, 2)
torch.nn.init.uniform_(layer.bias, -2, 2)
y = layer(x)
dy, dx, dw, db = gradients(y, x, layer.weight, layer.bias)
keep("layer", x=x, weight=layer.weight, bias=layer.bias, y=y, dy=dy, dx=dx, dw=dw, db=db)

np.savez_compressed("torch-layers.npz", **arrays)
