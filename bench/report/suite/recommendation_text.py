"""What to change, in one sentence and in lines of code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bench.analyse.speedup.recommendation import Recommendation
from bench.report.core.speedup_text import speedup_text

__all__ = ["code_lines", "recommendation_text"]


def recommendation_text(found: Recommendation) -> str:
    """The sentence: `simple_cnn: change precision to mixed_bfloat16: 1.95 ± 0.05 times as fast as notebook`."""
    record = found.record
    wanted = [f"{name} to {_value(value)}" for name, value in found.changes.items()]
    changes = f"{', '.join(wanted[:-1])} and {wanted[-1]}" if len(wanted) > 1 else wanted[0]
    text = f"{record.model}: change {changes}: {speedup_text(found.ratio, mark=False)} times as fast as "
    return f"{text}{found.baseline.variant}{_accuracy(found)}"


def code_lines(changes: Mapping[str, Any]) -> tuple[str, ...]:
    """Lines of Python for a training with Keras on a `tf.data` pipeline that make these changes, in the order in which
    they belong into a program."""
    return tuple(line for option, lines in _LINES.items() if option in changes for line in lines(changes[option]))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Mapping):
        return " ".join(f"{name}={text}" for name, text in value.items()) or "none"
    return "none" if value is None else str(value)


def _accuracy(found: Recommendation) -> str:
    """What became of the held-out accuracy, where both were trained to it."""
    ours, theirs = found.record.accuracy, found.baseline.accuracy
    trained = found.record.history and found.baseline.history
    if not trained or ours is None or theirs is None or ours.held_out is None or theirs.held_out is None:
        return ""
    return f"; held-out accuracy {ours.held_out:.1%}, and {theirs.held_out:.1%} before"


def _env(value: Any) -> Iterator[str]:
    for name, text in value.items():
        yield f"os.environ[{name!r}] = {text!r}  # before tensorflow is imported"


def _threads(value: Any) -> Iterator[str]:
    if value is not None:
        yield f"tf.config.threading.set_intra_op_parallelism_threads({value})  # before the first operation"
        yield f"tf.config.threading.set_inter_op_parallelism_threads({value})"


def _pixels(value: Any) -> Iterator[str]:
    if value == "uint8":
        yield "# leave the images as uint8, and let the model's first layer scale them:"
        yield "model = keras.Sequential([keras.layers.Rescaling(1 / 255), *layers])"
    else:
        yield f'images = images.astype("{value}") / 255'


def _source(value: Any) -> Iterator[str]:
    if value == "device":
        yield "# keep all images on the device, feed indices, and look them up in the model's first layer:"
        yield "images = tf.constant(images)"
        yield "batch = keras.layers.Lambda(lambda indices: tf.gather(images, indices))"
    elif value == "tfrecord":
        yield "dataset = tf.data.TFRecordDataset(files)"
    else:
        yield "dataset = tf.data.Dataset.from_tensor_slices((images, labels))"


def _map(value: Any) -> Iterator[str]:
    if value != "none":
        calls = "tf.data.AUTOTUNE" if value == "autotune" else value
        yield f"dataset = dataset.map(convert, num_parallel_calls={calls})"


def _cache(value: Any) -> Iterator[str]:
    if value != "none":
        place = "" if value == "memory" else '"/a/folder/cache"'
        yield f"dataset = dataset.cache({place})  # before shuffle"


def _tuning(name: str, text: str) -> Callable[[Any], Iterator[str]]:
    def lines(value: Any) -> Iterator[str]:
        if value is not None:
            yield f"tuning = tf.data.Options(); tuning.{name} = {text.format(value)}"
            yield "dataset = dataset.with_options(tuning)"

    return lines


def _prefetch(value: Any) -> Iterator[str]:
    batches = "tf.data.AUTOTUNE" if value == "autotune" else value
    yield f"dataset = dataset.prefetch({batches})  # last"


_LINES: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "env": _env,
    "threads": _threads,
    "tf32": lambda value: iter((f"tf.config.experimental.enable_tensor_float_32_execution({value})",)),
    "precision": lambda value: iter((f'keras.config.set_dtype_policy("{value}")  # before the model is built',)),
    "source": _source,
    "pixels": _pixels,
    "map": _map,
    "cache": _cache,
    "deterministic": _tuning("deterministic", "{}"),
    "pipeline_threads": _tuning("threading.private_threadpool_size", "{}"),
    "autotune_ram_mib": _tuning("autotune.ram_budget", "{} * 2**20"),
    "prefetch": _prefetch,
    "xla": lambda value: iter((f"model.compile(..., jit_compile={value})",)),
    "steps_per_execution": lambda value: iter((f"model.compile(..., steps_per_execution={value})",)),
}
