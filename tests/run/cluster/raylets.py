"""Several raylets on this machine, each a node of one Ray cluster, until standard input ends.

`python raylets.py FOLDER NODES`: NODES is JSON, a list of what `ray.cluster_utils.Cluster.add_node` takes. Prints the
cluster's address and the process numbers of its raylets; then, for each line of standard input with a node's place in
that list, the process number of another one like it.
"""

import json
import os
import sys

__all__ = []


def main(folder, nodes):
    os.environ |= {
        "RAY_AUTH_MODE": "disabled",
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_worker_niceness": "0",
        "RAY_TMPDIR": folder,
    }
    from ray.cluster_utils import Cluster

    wanted = json.loads(nodes)
    cluster = Cluster()
    started = [_added(cluster, options, head=place == 0) for place, options in enumerate(wanted)]
    cluster.wait_for_nodes()
    _say({"address": cluster.address, "raylets": started})
    for line in sys.stdin:
        _say(_added(cluster, wanted[int(line)], head=False, wait=True))
    cluster.shutdown()


def _added(cluster, options, *, head, wait=False):
    more = {"include_dashboard": False} if head else {}
    node = cluster.add_node(**{"num_cpus": 2, "object_store_memory": 80 << 20, **more, **options}, wait=wait)
    (raylet,) = node.all_processes["raylet"]
    return raylet.process.pid


def _say(word):
    sys.stdout.write(json.dumps(word) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
