"""Clusters of several raylets on this machine, for tests and scripts."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DRIVER", "Raylets", "card_node", "raylets"]

HERE = Path(__file__).parent
DRIVER = {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}
"""What a driver of such a cluster has in its environment."""


@dataclass
class Raylets:
    """The cluster's address, and the process numbers of its raylets, in the order of its nodes."""

    address: str
    pids: list[int]
    process: subprocess.Popen

    def again(self, place):
        """Another node like the one at this place, whose raylet has gone."""
        self.process.stdin.write(f"{place}\n")
        self.process.stdin.flush()
        self.pids[place] = json.loads(self.process.stdout.readline())


@contextmanager
def raylets(nodes, environment=None):
    """A cluster of these `nodes`, each what `ray.cluster_utils.Cluster.add_node` takes; it ends with the block."""
    # the paths of Ray's sockets have room for a short folder only
    folder = tempfile.mkdtemp(prefix="rays-", dir="/tmp")
    command = [sys.executable, str(HERE / "raylets.py"), folder, json.dumps(nodes)]
    environ = {**os.environ, **(environment or {})}
    try:
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ
        ) as process:
            try:
                line = process.stdout.readline()
                yield Raylets(*json.loads(line).values(), process)
            finally:
                process.stdin.close()
                process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def card_node(library, trace, name, capability, **environment):
    """A node with a card: what the driver tells of it is the stand-in in the folder `library`, following `trace`."""
    cards = HERE / "cards"
    variables = {
        "LD_LIBRARY_PATH": str(library),
        "NVML_STANDIN_TRACE": str(HERE.parents[1] / "nvml" / "traces" / f"{trace}.ini"),
        "STANDIN_CARD": f"{name}/{capability}",
        "PYTHONPATH": f"{cards}{os.pathsep}{os.environ.get('PYTHONPATH', '')}".rstrip(os.pathsep),
    }
    return {"node_name": trace, "labels": {"card": trace}, "env_vars": variables | environment}
