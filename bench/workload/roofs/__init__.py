"""What a machine does at most: one file a kind of work, and `rounds`, which times them in turns.

The parent reads `plan` and `chains`, which know nothing of TensorFlow.
"""
