#!/usr/bin/env bash
# TensorBoard 2.21.0 beside TensorFlow 2.21.0: its own writer of event files, `EventFileWriter`, imports all of TensorFlow
# as it is used (ten seconds on two cores), though importing the module doesn't; and
# `tensorboard.plugins.hparams.summary.session_end_pb` gives a message of TensorFlow's class, which TensorBoard's own
# `Event` refuses. Without TensorFlow both work by a stub, so that a test in a small environment shows neither.
# Expected: a writer in the package tensorboard needs no TensorFlow, and its messages go together.
# Seen on Python 3.11: "TypeError: Parameter to initialize message field must be dict or instance of same class".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorboard==2.21.0 tensorflow==2.21.0
cat >writes.py <<'PY'
import sys

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

print("TensorFlow after the import:", "tensorflow" in sys.modules)
writer = EventFileWriter("logs")
writer.add_event(Event(wall_time=1.0, step=1, summary=Summary(value=[Summary.Value(tag="loss", simple_value=0.5)])))
writer.close()
print("TensorFlow after one event:", "tensorflow" in sys.modules)
PY
cat >ends.py <<'PY'
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.plugins.hparams import api_pb2, summary

end = summary.session_end_pb(api_pb2.STATUS_SUCCESS, 1.0)
print("its class:", type(end).__module__)
try:
    Event(summary=end)
except TypeError as error:
    print("TypeError:", error)
PY
venv/bin/python writes.py >said 2>noise
venv/bin/python ends.py >>said 2>noise
cat said
grep -q 'after the import: False' said && grep -q 'after one event: True' said && grep -q '^TypeError: Parameter' said
