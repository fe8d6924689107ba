#!/usr/bin/env bash
# Ray 2.60.0 starts an actor, and all that it starts, otherwise than a shell starts a program: at niceness 15, with
# oom_score_adj 1000, SIGINT blocked and OMP_NUM_THREADS set. What is timed there runs behind everything else on its machine,
# and a process that is to end on SIGINT never hears it. RAY_worker_niceness=0 where the raylet starts undoes the first alone.
# Seen on Linux 6, Python 3.11: "niceness 15, oom_score_adj 1000, OMP_NUM_THREADS 1, SIGINT blocked".
set -eu
folder=$(mktemp -d /tmp/rays-XXXX)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet ray==2.60.0
cat >started.py <<'PY'
import subprocess
import sys

import ray

ASK = """
import os, signal
blocked = signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
score = open("/proc/self/oom_score_adj").read().strip()
print(f"niceness {os.nice(0)}, oom_score_adj {score}, OMP_NUM_THREADS {os.environ.get('OMP_NUM_THREADS')}, "
      f"SIGINT {'blocked' if blocked else 'heard'}")
"""


@ray.remote
class Actor:
    def child(self):
        return subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True).stdout.strip()


ray.init(address="local", include_dashboard=False, _temp_dir=sys.argv[1], log_to_driver=False, logging_level="ERROR")
print("an actor's child:", ray.get(Actor.remote().child.remote()))
PY
export RAY_AUTH_MODE=disabled RAY_USAGE_STATS_ENABLED=0
env -u OMP_NUM_THREADS venv/bin/python started.py "$folder/a" 2>noise | tee said
env -u OMP_NUM_THREADS RAY_worker_niceness=0 venv/bin/python started.py "$folder/b" 2>noise | tee -a said
[ "$(cat said)" = "an actor's child: niceness 15, oom_score_adj 1000, OMP_NUM_THREADS 1, SIGINT blocked
an actor's child: niceness 0, oom_score_adj 1000, OMP_NUM_THREADS 1, SIGINT blocked" ]
