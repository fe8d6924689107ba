"""Real files for the suite's tests, and what is wrong with them as a user reads it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.errors import InputError
from bench.suite import Suite, load

GOOD = {"data": "digits", "models": "[simple_cnn]", "variants": "{notebook: }"}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file into the test's folder."""

    def write_file(text: str | bytes, name: str = "mine.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write_file


@pytest.fixture
def suite_of(write: Callable[..., Path]) -> Callable[..., Suite]:
    """The suite in a file of this text."""
    return lambda text, *overrides: load(write(text), overrides)


@pytest.fixture
def faults_of(write: Callable[..., Path]) -> Callable[..., list[str]]:
    """The lines that a file of this text is refused with, without the path before the line numbers."""

    def faults(text: str | bytes, *overrides: str) -> list[str]:
        path = write(text)
        with pytest.raises(InputError) as refused:
            load(path, overrides)
        return [
            str(fault).removeprefix(f"{path}:").replace(str(path.parent), "FOLDER") for fault in refused.value.faults
        ]

    return faults


@pytest.fixture
def minimal() -> str:
    """The least that a suite can be."""
    return "".join(f"{key}: {value}\n" for key, value in GOOD.items())


@pytest.fixture
def check(faults_of: Callable[..., list[str]]) -> Callable[[str, list[str]], None]:
    """Asserts the faults of an otherwise good suite that sets some keys as `text` does, at its beginning."""

    def check_faults(text: str, faults: list[str]) -> None:
        text = textwrap.dedent(text).strip("\n")
        present = [line.split(":")[0] for line in text.splitlines()]
        rest = "".join(f"\n{key}: {value}" for key, value in GOOD.items() if key not in present)
        assert faults_of(text + rest) == faults

    return check_faults
