"""Damaged checkpoints of a training: `python -m tests.fuzz.checkpoints [COUNT [SEED]]`."""

from __future__ import annotations

import io
import json
import random
import struct
import sys
import tempfile
import zipfile
from pathlib import Path

import keras
import numpy as np

from bench.workload.checkpoint import Checkpoint
from bench.workload.training import variables_of
from tests.fuzz.campaign import HANG_SECONDS, campaign, within
from tests.fuzz.mutate import altered, damaged

EPOCH = {"steps": 5, "seconds": 0.1, "loss": 1.0, "accuracy": 0.5, "val_loss": 1.1, "val_accuracy": 0.4}
SHAPES = ("()", "(1000000000000,)", "(-1, -1)", "(2, 2, 2)", "(0,)", "(9" + "9" * 300 + ",)", "(" * 60 + ")" * 60)
TYPES = ("<f4", "|O", "<f8", "|S1000000000", "<U2", "<M8[s]", "|V4", "<c16", "1000000<f4", "f4,O", ">f4", "|b1")


class Checkpoints:
    """A network and its checkpoint, which is damaged anew each time; `limit` is what `within` takes."""

    def __init__(self, folder: Path, limit: float | None = None) -> None:
        self.limit = limit
        keras.utils.set_random_seed(0)
        self.model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(2)])
        self.model.compile("adam", "mse")
        self.before = [variable.numpy() for variable in variables_of(self.model)]
        self.checkpoint = Checkpoint(folder)
        self.told = {"history": [{"epoch": number, **EPOCH} for number in (1, 2)], "resumed_after": [1]}
        self.arrays = {f"state{i}": value for i, value in enumerate(self.before)}
        self.arrays |= {f"best{i}": variable.numpy() for i, variable in enumerate(self.model.variables)}
        folder.mkdir(parents=True, exist_ok=True)
        self.checkpoint.path.write_bytes(self.packed(self.told))
        assert self.checkpoint.load(2**24).restore(self.model), "what isn't damaged is gone on with"

    def try_one(self, rng: random.Random, number: int) -> str:
        """Damage it, and go on from it: all is put back, or nothing is changed."""
        match number % 4:
            case 0:
                content = self.packed(altered(rng, self.told))
            case 1:
                content = damaged(rng, self.packed(self.told))
            case 2:
                content = self.packed(damaged(rng, json.dumps(self.told).encode()))
            case _:
                content = self.with_header(rng)
        self.checkpoint.path.write_bytes(content)
        with within(self.limit):
            return self.gone_on_from()

    def gone_on_from(self) -> str:
        """Load it and put it back; gives what became of that."""
        warned: list[str] = []
        saved = self.checkpoint.load(2**24, warned.append)
        if saved is None:
            assert len(warned) == 1, warned
            assert "\n" not in warned[0]
            return "damaged"
        return "gone on with" if saved.restore(self.model) else "of another network"

    def packed(self, told: object, parts: dict[str, bytes] | None = None, packing: int = zipfile.ZIP_STORED) -> bytes:
        """The file as it is saved, but for what is `told`, given as JSON or bytes, and some of its `parts`."""
        raw = told if isinstance(told, bytes) else json.dumps(told).encode()
        members = {}
        for name, value in {**self.arrays, "told": np.frombuffer(raw, np.uint8)}.items():
            written = io.BytesIO()
            np.save(written, value)
            members[f"{name}.npy"] = written.getvalue()
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", packing) as archive:
            for name, content in {**members, **(parts or {})}.items():
                archive.writestr(name, content)
        return file.getvalue()

    def with_header(self, rng: random.Random) -> bytes:
        """One of the arrays announces another shape or type, or the archive is packed, or has other members."""
        name = rng.choice([*self.arrays, "told"])
        header = (
            f"{{'descr': '{rng.choice(TYPES)}', 'fortran_order': {rng.random() < 0.5}, 'shape': {rng.choice(SHAPES)}}}"
        )
        lead = b"\x93NUMPY" + bytes([rng.choice((1, 2, 3, 9)), 0])
        length = struct.pack("<H" if lead[6] == 1 else "<I", len(header) + rng.choice((0, 0, 0, 70, 60_000)))
        content = lead + length + header.encode() + rng.randbytes(rng.choice((0, 4, 64)))
        member = rng.choice((name, name, "state99", "best0", "../told", ""))
        packing = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
        return self.packed(self.told, {f"{member}.npy": content}, packing)


def main(count: int = 5000, seed: int = 0) -> None:
    """Run the campaign."""
    with tempfile.TemporaryDirectory() as folder:
        campaign("checkpoints", Checkpoints(Path(folder) / "kept", HANG_SECONDS).try_one, count, seed)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
