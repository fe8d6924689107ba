"""What the AI-Score alone needs, the extra `score`, and how it gets into an environment without changing TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from packaging.version import InvalidVersion, Version

from bench.errors import Fault, InputError
from bench.host.doctor.distributions import Distribution, provider
from bench.host.doctor.installer import Installer

__all__ = ["FOR_SCORES", "SCORED", "lacking", "lacks", "need_score", "score_command", "tf_keras_command"]

SCORED: Final = "0.1.2"
"""The only version of ai-benchmark whose score is known."""

FOR_SCORES: Final = ("ai-benchmark", "tf-keras")
"""The one is AI Benchmark's package, the other what its recurrent networks want. All else runs without them."""


def lacking(installed: Mapping[str, Distribution]) -> tuple[str, ...]:
    """Which of them aren't installed."""
    return tuple(name for name in FOR_SCORES if provider(name, installed) is None)


def need_score(installed: Mapping[str, Distribution], pip: Installer) -> None:
    """Raise InputError, with the command that installs them, where one of them isn't installed."""
    if absent := lacking(installed):
        what = f"the AI-Score needs the extra `score`, and {lacks(absent)} (--roofs does without)"
        raise InputError(Fault(what, score_command(installed, pip)))


def lacks(absent: tuple[str, ...]) -> str:
    """These, in words."""
    return f"{' and '.join(absent)} {'are' if len(absent) > 1 else 'is'} not installed"


def score_command(installed: Mapping[str, Distribution], pip: Installer) -> str:
    """Installs those that aren't there (both, where none is absent and something else is wrong with them).

    In the versions that suit the TensorFlow that is there, which stays as it is.
    """
    wanted = lacking(installed) or FOR_SCORES
    benchmark = (f"ai-benchmark=={SCORED}",) if "ai-benchmark" in wanted else ()
    if "tf-keras" not in wanted:
        return pip.install(*benchmark)
    tensorflow = provider("tensorflow", installed)
    if tensorflow is None or tensorflow.name == "tensorflow":
        return pip.install(*benchmark, _tf_keras(tensorflow))
    alone = tf_keras_command(tensorflow, pip)
    return f"{pip.install(*benchmark)} && {alone}" if benchmark else alone


def tf_keras_command(tensorflow: Distribution, pip: Installer) -> str:
    """Installs tf-keras in the version that suits this TensorFlow, and leaves that alone.

    Without a version pip takes the newest tf-keras, and the TensorFlow that this one asks for in place of what is
    there. It asks for it by that name: beside another build, such as tensorflow-cpu, that would be a second one over
    the first one's files.
    """
    if tensorflow.name == "tensorflow":
        return pip.install(_tf_keras(tensorflow), f"tensorflow=={tensorflow.version}")
    return pip.install(_tf_keras(tensorflow), alone=True)


def _tf_keras(tensorflow: Distribution | None) -> str:
    """The tf-keras that goes with it: they have their first two numbers in common."""
    if tensorflow is None:
        return "tf-keras"
    if tensorflow.name.startswith("tf-nightly"):
        return "tf-keras-nightly"
    try:
        release = Version(tensorflow.version).release
    except InvalidVersion:
        return "tf-keras"
    return f"tf-keras=={release[0]}.{release[1] if len(release) > 1 else 0}.*"
