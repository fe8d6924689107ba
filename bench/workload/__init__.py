"""The work that is measured: data sets, `tf.data` pipelines, models, training.

The only room that imports TensorFlow or Keras; nothing here knows how it is timed or stored.
"""
