"""Made the .npz and .safetensors files beside it, with NumPy 2.4.6 and safetensors 0.8.0: python3 make_fixtures.py"""

import numpy as np
from safetensors.numpy import save_file

ramp = np.arange(6).reshape(2, 3)
arrays = {
    "f2": (ramp / 8).astype(np.float16),
    "f4": (ramp / 8).astype(np.float32),
    "f8": ramp / 8,
    "u1": (ramp + 250).astype(np.uint8),
    "i1": (ramp - 3).astype(np.int8),
    "i4": (ramp - 3).astype(np.int32),
    "i8": (ramp - 3).astype(np.int64),
    "b1": ramp % 2 == 1,
    "big_endian": ramp.astype(">i4"),
    "scalar": np.float32(2.5),
    "empty": np.zeros((0, 4), np.float32),
}
np.savez("numpy-stored.npz", **arrays)
np.savez_compressed("numpy-deflated.npz", **arrays)
np.savez("numpy-fortran.npz", x=np.asfortranarray(ramp))
np.savez("numpy-text.npz", x=np.array(["text"]))
save_file(
    {
        "b": (ramp / 8).astype(np.float32),
        "a": (ramp / 8).astype(np.float16),
        "wide": ramp / 8,
        "count": np.array(7, np.int64),
        "steps": ramp.astype(np.int32),
        "empty": np.zeros((0, 4), np.float32),
    },
    "reference.safetensors",
    metadata={"format": "np", "note": "ünï"},
)
