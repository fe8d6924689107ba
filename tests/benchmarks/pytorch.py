"""The handout's networks in PyTorch, with its best usual options on CPUs: channels last, bfloat16 autocast, compiled.

Run as a script, for a process of its own: `python tests/benchmarks/pytorch.py vgg16 bfloat16 compiled` prints ms/step.
PyTorch is no dependency of the project: `pip install torch`.
"""

import sys
import time
from contextlib import nullcontext

import torch
from torch import nn

CLASSES, BATCH = 100, 128


def simple_cnn():
    return nn.Sequential(
        *(nn.Conv2d(3, 32, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten()),
        *(nn.Linear(1024, 64), nn.ReLU(), nn.Linear(64, CLASSES)),
    )


def vgg16():
    layers, channels = [], 3
    for width, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(count):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
            channels = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Dropout(0.5), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, CLASSES))


def measure(network, precision, compiled, least_seconds=6.0):
    """ms/step on random batches that lie in memory ready-made: the input pipeline is left out, in PyTorch's favour."""
    torch.manual_seed(0)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = {"simple_cnn": simple_cnn, "vgg16": vgg16}[network]().to(device, memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3 if network == "simple_cnn" else 5e-5, foreach=True)
    criterion = nn.CrossEntropyLoss()
    batches = [
        (
            torch.rand(BATCH, 3, 32, 32).to(device, memory_format=torch.channels_last),
            torch.randint(0, CLASSES, (BATCH,)).to(device),
        )
        for _ in range(4)
    ]
    casting = torch.autocast(device, dtype=torch.bfloat16) if precision == "bfloat16" else nullcontext()

    def step(images, labels):
        optimizer.zero_grad(set_to_none=True)
        with casting:
            loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        return loss

    forward = model
    if compiled:
        model = torch.compile(forward, mode="max-autotune" if device == "cuda" else "default")

    def wait():
        if device == "cuda":
            torch.cuda.synchronize()

    for i in range(4):
        step(*batches[i % 4])
    wait()
    steps, began = 0, time.perf_counter()
    while time.perf_counter() - began < least_seconds:
        for _ in range(1 if network == "vgg16" else 8):
            step(*batches[steps % 4])
            steps += 1
        wait()
    return 1e3 * (time.perf_counter() - began) / steps


if __name__ == "__main__":
    sys.stdout.write(f"{measure(sys.argv[1], sys.argv[2], 'compiled' in sys.argv[3:])}\n")
