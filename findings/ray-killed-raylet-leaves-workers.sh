#!/usr/bin/env bash
# Ray 2.60.0: a raylet that is killed (kill -9) leaves its actor at work, and a child of that in a session of its own, for as
# long as one cares to look: processors and card stay busy, and nothing of Ray's knows of them.
# Expected: workers end with their raylet, as they do with their driver. Seen on Linux 6, Python 3.11, after 20 s.
set -eu
folder=$(mktemp -d /tmp/rays-XXXX)
trap 'kill -9 $(cat "$folder"/*.pid) 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet ray==2.60.0
cat >cluster.py <<'PY'
import os
import subprocess
import sys
import time
from pathlib import Path

import ray


@ray.remote(num_cpus=0)
class Actor:
    def start(self, folder):
        child = subprocess.Popen(["sleep", "600"], start_new_session=True)
        for name, pid in (("actor", os.getpid()), ("child", child.pid), ("raylet", os.getppid())):
            Path(folder, f"{name}.pid").write_text(f"{pid}\n")


ray.init(address="local", include_dashboard=False, _temp_dir=sys.argv[1], log_to_driver=False, logging_level="ERROR")
actor = Actor.remote()
ray.get(actor.start.remote(sys.argv[2]))
Path(sys.argv[2], "driver.pid").write_text(f"{os.getpid()}\n")
time.sleep(600)
PY
export RAY_AUTH_MODE=disabled RAY_USAGE_STATS_ENABLED=0
venv/bin/python cluster.py "$folder/ray" "$folder" >/dev/null 2>noise &
until [ -s driver.pid ]; do sleep 0.2; done
kill -9 "$(cat raylet.pid)"
sleep 20
for name in actor child; do
    state=$(ps -o state= -p "$(cat $name.pid)" || echo gone)
    case $state in Z* | gone) state=gone ;; *) state=alive ;; esac
    echo "20 s after the raylet was killed: the $name is $state" | tee -a said
done
[ "$(awk '{print $NF}' said | tr '\n' ' ')" = "alive alive " ]
