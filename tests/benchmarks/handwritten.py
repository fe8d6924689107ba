"""The handout's cells as a user writes them: Keras alone, nothing of the harness."""

import time


def measure(connection, network):
    """Train `network` (`simple_cnn` or `vgg16`) with `fit` as the handout does; send its ms/step over epochs 2 to 4.

    Epochs are timed within `fit`, from their beginning to their last batch: what follows waits for other threads.
    """
    import keras
    import numpy as np
    import tensorflow as tf
    from keras import layers

    seconds = []

    class Epochs(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.began = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            seconds.append(time.perf_counter() - self.began)

    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    x = generator.integers(0, 256, (8500, 32, 32, 3)) / 255.0
    y = generator.integers(0, 100, 8500)
    train = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).repeat().batch(128).prefetch(tf.data.AUTOTUNE)
    if network == "simple_cnn":
        model = keras.Sequential(
            [
                keras.Input((32, 32, 3)),
                layers.Conv2D(32, (3, 3), activation="relu"),
                layers.MaxPooling2D((2, 2)),
                layers.Conv2D(64, (3, 3), activation="relu"),
                layers.MaxPooling2D((2, 2)),
                layers.Conv2D(64, (3, 3), activation="relu"),
                layers.Flatten(),
                layers.Dense(64, activation="relu"),
                layers.Dense(100, activation="softmax"),
            ]
        )
        optimizer, steps = keras.optimizers.Adam(), 40
    else:
        base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
        model = keras.Sequential(
            [base, layers.Dropout(0.5), layers.GlobalAveragePooling2D(), layers.Dense(100, activation="softmax")]
        )
        optimizer, steps = keras.optimizers.Adam(5e-5), 3
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    model.fit(train, epochs=4, steps_per_epoch=steps, verbose=0, shuffle=False, callbacks=[Epochs()])
    connection.send(1e3 * sum(seconds[1:]) / (3 * steps))
