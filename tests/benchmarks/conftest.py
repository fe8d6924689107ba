"""Benchmarks report figures: each puts what it found into `extra_info`, and all of it is shown at the end."""

import pytest

FOUND = []


@pytest.fixture
def found(request, benchmark):
    """Call with a sentence and its figures; they are printed at the end and kept in pytest-benchmark's JSON."""

    def tell(sentence, **figures):
        benchmark.extra_info.update(figures)
        FOUND.append(f"{request.node.name}: {sentence}")

    return tell


def pytest_terminal_summary(terminalreporter):
    if FOUND:
        terminalreporter.section("figures")
        for sentence in FOUND:
            terminalreporter.write_line(sentence)
