"""Input pipelines of a user's own, and networks for their elements."""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import bench

COUNT = 40
VOCABULARY = 50


def _texts(count):
    numbers = np.random.default_rng(0)
    words = numbers.integers(0, VOCABULARY, (count, 6))
    facts = numbers.normal(size=(count, 3)).astype("float32")
    return {"words": words, "facts": facts}, (words[:, :1] % 2).astype("float32")


def texts(count=COUNT):
    """Single examples: a dict of two inputs, and a label."""
    return tf.data.Dataset.from_tensor_slices(_texts(count))


def texts_held_out(count=12):
    return texts(count)


def indices(count=COUNT):
    return tf.data.Dataset.range(count)


def batched(size=5):
    return texts().batch(size)


def sized(batch_size):
    """It takes the suite's batch size, and drops no remainder: its last batch is smaller."""
    return texts(18).batch(batch_size)


def endless():
    return texts().repeat()


def seams(count=COUNT):
    """Every seam, with a map that a variant may run in parallel."""
    dataset = tf.data.Dataset.range(count).map(lambda x: x * 2, num_parallel_calls=bench.options.map_calls())
    for seam in (bench.options.cache(), bench.options.shuffle(), bench.options.batch(7), bench.options.prefetch()):
        dataset = dataset.apply(seam)
    return dataset


def write_photos(folder, count=24):
    for number in range(count):
        image = np.random.default_rng(number).integers(0, 256, (20, 24, 3), dtype=np.uint8)
        Path(folder, f"{number}.jpg").write_bytes(tf.io.encode_jpeg(image).numpy())


def photos(folder):
    """JPEGs in a folder, by a generator, decoded in a map, with a mask for each."""

    def names():
        for path in sorted(Path(folder).glob("*.jpg")):
            yield str(path)

    def decode(name):
        image = tf.image.resize(tf.io.decode_jpeg(tf.io.read_file(name), channels=3), (12, 12)) / 255
        return image, tf.cast(image[..., :1] > 0.5, tf.float32)

    files = tf.data.Dataset.from_generator(names, output_signature=tf.TensorSpec((), tf.string))
    return files.map(decode, num_parallel_calls=bench.options.map_calls()).apply(bench.options.cache())


def nothing():
    return None


def empty():
    return texts().take(0)


def raises():
    raise OSError("the disk has gone")


def of_many_sizes():
    sizes = tf.data.Dataset.range(1, 9)
    return sizes.map(lambda size: (tf.zeros(size), tf.zeros(1)))


def two_towers():
    words = keras.Input((6,), dtype="int64", name="words")
    facts = keras.Input((3,), name="facts")
    read = layers.GlobalAveragePooling1D()(layers.Embedding(VOCABULARY, 4)(words))
    x = layers.concatenate([read, layers.Dense(4, activation="relu")(facts)])
    model = keras.Model({"words": words, "facts": facts}, layers.Dense(1, activation="sigmoid")(x), name="towers")
    model.compile("adam", "binary_crossentropy", metrics=["accuracy", "auc"])
    return model


class Segmenting(keras.Model):
    """With a training step of its own."""

    def train_step(self, data):
        images, masks = data
        with tf.GradientTape() as tape:
            given = self(images, training=True)
            loss = self.compute_loss(images, masks, given)
        self.optimizer.apply(tape.gradient(loss, self.trainable_weights), self.trainable_weights)
        return self.compute_metrics(images, masks, given) | {"loss": loss}


def segmenting():
    images = keras.Input((12, 12, 3))
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(images)
    model = Segmenting(images, layers.Conv2D(1, 1, activation="sigmoid")(x), name="segmenting")
    model.compile("adam", "binary_crossentropy", metrics=[keras.metrics.BinaryIoU()])
    return model


def uncompiled():
    model = two_towers()
    return keras.Model(model.inputs, model.outputs)
