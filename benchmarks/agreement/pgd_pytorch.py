#!/usr/bin/env python3
"""PGD in the L-inf norm written against PyTorch alone, to judge the library's: the same weights, images and random starts.

    pgd_pytorch.py MODEL.safetensors ADVERSARIAL.npz --epsilon 0.3 --steps 100 --step-size 0.01 [--seed 1]

MODEL is a cnn:small of 'saddlepoint train'; ADVERSARIAL is what 'saddlepoint attack' wrote for it (x, y, success). The random
starts are drawn anew from their definition (Philox4x32-10; Salmon et al. 2011), the verdict counts any iterate, start and end
included. Prints on how many images the two verdicts differ; ends with 1 if on more than 2 in 1,000.

Needs Debian's python3-torch and python3-numpy.
"""
import argparse
import json
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

ATTACK_START = 2  # the purpose of these random numbers, in the counter's last word


def tensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    return {
        name: torch.from_numpy(np.frombuffer(data[slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"]).copy())
        for name, entry in header.items()
        if name != "__metadata__"
    }


def philox(seed, counter):
    """Ten rounds of Philox4x32 on an array of counters, ... x 4."""
    c = [counter[..., k].astype(np.uint64) for k in range(4)]
    key = [seed & 0xFFFFFFFF, seed >> 32]
    low = np.uint64(0xFFFFFFFF)
    for _ in range(10):
        p0, p1 = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [
            (p1 >> np.uint64(32)) ^ c[1] ^ np.uint64(key[0]),
            p1 & low,
            (p0 >> np.uint64(32)) ^ c[3] ^ np.uint64(key[1]),
            p0 & low,
        ]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return np.stack(c, axis=-1).astype(np.uint32)


def uniforms(seed, n, d):
    """n x d in [0,1): element j of example i is word j % 4 of block j / 4 at the counter (block, i, 0, purpose)."""
    counter = np.zeros((n, (d + 3) // 4, 4), np.uint32)
    counter[..., 0] = np.arange(counter.shape[1])
    counter[..., 1] = np.arange(n)[:, None]
    counter[..., 3] = ATTACK_START << 24
    words = philox(seed, counter).reshape(n, -1)[:, :d]
    return ((words >> np.uint32(8)).astype(np.float32)) * np.float32(2**-24)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("adversarial")
    parser.add_argument("--epsilon", type=float, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--step-size", type=float, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    weights = tensors(options.model)
    names = sorted({name.rsplit(".", 1)[0] for name in weights}, key=lambda name: int(name.split(".")[-1]))
    layers = [(weights[name + ".weight"], weights[name + ".bias"]) for name in names]

    def logits(x):
        for weight, bias in layers[:-2]:
            x = F.relu(F.conv2d(x, weight, bias, stride=2, padding=1))
        x = F.relu(F.linear(x.flatten(1), *layers[-2]))
        return F.linear(x, *layers[-1])

    data = np.load(options.adversarial)
    origin = torch.from_numpy(data["x"]).float()
    labels = torch.from_numpy(data["y"]).long()
    n = len(labels)
    draws = torch.from_numpy(uniforms(options.seed, n, origin[0].numel())).reshape(origin.shape)

    def project(x):
        return torch.clamp(torch.max(torch.min(x, origin + options.epsilon), origin - options.epsilon), 0, 1)

    x = project(origin + options.epsilon * (2 * draws - 1))
    beaten = torch.zeros(n, dtype=torch.bool)
    for step in range(options.steps + 1):
        x = x.detach().requires_grad_(True)
        z = logits(x)
        beaten |= z.argmax(1) != labels
        if step < options.steps:
            (gradient,) = torch.autograd.grad(F.cross_entropy(z, labels, reduction="sum"), x)
            x = project(x.detach() + options.step_size * gradient.sign())

    clean = logits(origin).argmax(1) == labels
    theirs = torch.from_numpy(data["success"]).bool()
    differ = int((beaten != theirs).sum())
    print(f"PyTorch {torch.__version__}: {n} images, clean {int(clean.sum())}, robust {int((clean & ~beaten).sum())}; "
          f"saddlepoint: robust {int((clean & ~theirs).sum())}; verdicts differ on {differ}")
    sys.exit(1 if differ > 2 * n / 1000 else 0)


if __name__ == "__main__":
    main()
