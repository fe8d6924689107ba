"""The code to paste: a training with Keras that does what a set of options says."""

from __future__ import annotations

from collections.abc import Iterator

from bench.analyse.tune.result import Tuned
from bench.report.suite.recommendation_text import code_lines
from bench.results.record import DataInfo, OwnPipeline
from bench.suite.options import Options

__all__ = ["best_script", "training_script"]

_INDENT = "    "


def training_script(options: Options, batch_size: int, data: DataInfo | None = None) -> str:
    """A program in Python, in the order in which its parts must stand, that trains as `options`, settled, say.

    `images` (uint8 [N, H, W, C]), `labels` [N] and `build_model()` are the reader's own: they are set where the comment
    says so. What a suite's own code does (`batch_map`, TFRecord files, augmentation) is named in comments.
    Where `data` tells of a pipeline of the reader's own, `build()` and `data()` are theirs in place of these.
    """
    if data is not None and data.pipeline is not None:
        return _own_script(options, batch_size, data, data.pipeline)
    parts = [
        _environment(options),
        ["import keras", "import tensorflow as tf"],
        _settings(options),
        [
            "# your own: images, an array of uint8 [N, H, W, C] or an equal tensor; labels [N]; build_model()",
            *_images(options),
        ],
        *_functions(options),
        _dataset(options, batch_size),
        _model(options),
        _training(options, batch_size),
    ]
    return "\n".join(_spaced([list(part) for part in parts]))


def best_script(found: Tuned) -> str | None:
    """The program of the best candidate that a search found; None where it found none."""
    return None if found.best is None else training_script(found.best.options, found.best.batch_size, found.info)


def _own_script(options: Options, batch_size: int, data: DataInfo, pipeline: OwnPipeline) -> str:
    """The same for a model and an input pipeline of the reader's own: `build()`, and `data()`, whose seams
    (`bench.options`) are told what to do."""
    count = data.train_images
    steps = "…  # your own" if count is None else str(max(1, count // batch_size))
    parts = [
        _environment(options),
        ["import keras", "import tensorflow as tf", *(["", "import bench"] if pipeline.seams else [])],
        _settings(options),
        _own_dataset(options, batch_size, pipeline, count),
        [
            "model = build()",
            f"model.jit_compile = {bool(options.xla)}",
            f"model.steps_per_execution = {options.steps_per_execution}",
            f"model.fit(dataset, epochs=1, steps_per_epoch={steps})",
        ],
    ]
    return "\n".join(_spaced([list(part) for part in parts]))


def _own_dataset(options: Options, batch_size: int, pipeline: OwnPipeline, count: int | None) -> Iterator[str]:
    if pipeline.seams:
        names = [
            name for name in pipeline.seams if name in Options.model_fields and name != "batch"
        ]  # that is its size
        at_seams = {name: getattr(options, name) for name in names}
        given = "".join(f", {name}={value!r}" for name, value in at_seams.items())
        yield f"bench.options.use(batch_size={batch_size}{given})"
    yield "dataset = data()  # your own; with batch_size, where it takes one"
    if "cache" not in pipeline.seams:
        yield from _cache(options)
    if options.shuffle != "none" and "shuffle" not in pipeline.seams and not pipeline.batched:
        buffer = count if options.shuffle == "all" else options.shuffle
        if buffer is not None:
            yield f"dataset = dataset.shuffle({buffer})"
    if not pipeline.endless:
        yield "dataset = dataset.repeat()"
    if not pipeline.batched:
        yield f"dataset = dataset.batch({batch_size}, drop_remainder=True)"
    if "prefetch" not in pipeline.seams:
        yield from _prefetch(options)


def _spaced(parts: list[list[str]]) -> Iterator[str]:
    """The parts with an empty line between, two around functions and classes."""
    found = [part for part in parts if part]
    for place, part in enumerate(found):
        defines = part[0].startswith(("def ", "class "))
        if place:
            yield from [""] * (2 if defines or found[place - 1][0].startswith(("def ", "class ")) else 1)
        yield from part


def _environment(options: Options) -> Iterator[str]:
    if options.env:
        yield "import os"
        yield ""
        yield from (
            f"os.environ[{name!r}] = {text!r}  # before TensorFlow is imported" for name, text in options.env.items()
        )


def _settings(options: Options) -> Iterator[str]:
    yield from code_lines({"threads": options.threads} | ({} if options.tf32 else {"tf32": False}))
    if options.precision != "float32":
        yield "# before the model is built, whose last layer should have dtype='float32'"
    yield f'keras.config.set_dtype_policy("{options.precision}")'


def _images(options: Options) -> Iterator[str]:
    if options.map != "none":
        return
    if options.image_size is not None:
        side = options.image_size
        yield f"images = tf.cast(tf.round(tf.image.resize(images, ({side}, {side}))), tf.uint8)"
    if options.pixels != "uint8":
        yield f"images = tf.cast(images, tf.{options.pixels}) / 255"
    if options.source == "device":
        yield "images, labels = tf.convert_to_tensor(images), tf.convert_to_tensor(labels)  # in the device's memory"


def _functions(options: Options) -> Iterator[list[str]]:
    if options.map != "none":
        yield [
            "def convert(image, label):",
            *(
                [f"{_INDENT}image = tf.round(tf.image.resize(image, ({options.image_size}, {options.image_size})))"]
                if options.image_size is not None
                else []
            ),
            f"{_INDENT}image = tf.cast(image, tf.{options.pixels})",
            f"{_INDENT}return {'image' if options.pixels == 'uint8' else 'image / 255'}, label",
        ]
    if options.source == "device":
        yield [
            "class OnDevice(keras.Model):",
            f'{_INDENT}"""Takes its batches from the device\'s memory."""',
            "",
            f"{_INDENT}def train_step(self, places):",
            f"{2 * _INDENT}return super().train_step((tf.gather(images, places), tf.gather(labels, places)))",
        ]


def _dataset(options: Options, batch_size: int) -> Iterator[str]:
    calls = "tf.data.AUTOTUNE" if options.map == "autotune" else str(options.map)
    parallel = "" if options.map == "none" else f", num_parallel_calls={calls}"
    if options.source == "device":
        yield "dataset = tf.data.Dataset.range(len(labels))"
    elif options.source == "tfrecord":
        yield "dataset = tf.data.TFRecordDataset(files).map(parse)  # your own: files, and parse() to (image, label)"
    else:
        yield "dataset = tf.data.Dataset.from_tensor_slices((images, labels))"
    if options.map != "none":
        yield f"dataset = dataset.map(convert{parallel})"
    yield from _cache(options)
    if options.shuffle != "none":
        yield f"dataset = dataset.shuffle({'len(labels)' if options.shuffle == 'all' else options.shuffle})"
    yield f"dataset = dataset.repeat().batch({batch_size}, drop_remainder=True)"
    if options.augment == "pipeline":
        yield "# your augmentation of batches goes here"
    if options.batch_map is not None:
        module, _, function = options.batch_map.partition(":")
        yield f"from {module} import {function}"
        yield ""
        yield f"dataset = dataset.map({function}{parallel})"
    yield from _prefetch(options)


def _cache(options: Options) -> Iterator[str]:
    if options.cache != "none":
        yield f"dataset = dataset.cache({'' if options.cache == 'memory' else repr('/a/folder/cache')})"


def _prefetch(options: Options) -> Iterator[str]:
    tuning = [
        *(["deterministic = False"] if not options.deterministic else []),
        *([f"threading.private_threadpool_size = {options.pipeline_threads}"] if options.pipeline_threads else []),
        *([f"autotune.ram_budget = {options.autotune_ram_mib} * 2**20"] if options.autotune_ram_mib else []),
    ]
    if tuning:
        yield "tuning = tf.data.Options()"
        yield from (f"tuning.{one}" for one in tuning)
        yield "dataset = dataset.with_options(tuning)"
    if options.prefetch == 0:
        yield "plain = tf.data.Options()"
        yield "plain.experimental_optimization.inject_prefetch = False  # else tf.data adds one of its own"
        yield "dataset = dataset.with_options(plain)"
    else:
        batches = "tf.data.AUTOTUNE" if options.prefetch == "autotune" else options.prefetch
        yield f"dataset = dataset.prefetch({batches})"


def _model(options: Options) -> Iterator[str]:
    yield "model = build_model()"
    if options.pixels == "uint8":
        yield 'inputs = keras.Input(images.shape[1:], dtype="uint8")'
        yield "model = keras.Model(inputs, model(keras.layers.Rescaling(1 / 255)(inputs)))"
    if options.augment == "model":
        yield "# your augmentation layers go before the first layer"
    if options.source == "device":
        yield "model = OnDevice(model.inputs, model.outputs)"


def _training(options: Options, batch_size: int) -> Iterator[str]:
    yield "model.compile("
    yield f'{_INDENT}optimizer="adam",'
    yield f'{_INDENT}loss="sparse_categorical_crossentropy",'
    yield f'{_INDENT}metrics=["accuracy"],'
    yield f"{_INDENT}jit_compile={bool(options.xla)},"
    yield f"{_INDENT}steps_per_execution={options.steps_per_execution},"
    yield ")"
    yield f"model.fit(dataset, epochs=1, steps_per_epoch=len(labels) // {batch_size})"
