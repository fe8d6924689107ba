"""Several raylets on this machine, each a node of one Ray cluster, until standard input ends.

`python raylets.py FOLDER NODES`: NODES is JSON, a list of what `ray.cluster_utils.Cluster.add_node` takes. Prints the
cluster's address, then the process numbers of the raylets.
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

    cluster = Cluster()
    for place, options in enumerate(json.loads(nodes)):
        head = {"include_dashboard": False} if place == 0 else {}
        cluster.add_node(**{"num_cpus": 2, "object_store_memory": 80 << 20, **head, **options}, wait=False)
    cluster.wait_for_nodes()
    raylets = [next(iter(node.all_processes["raylet"])).process.pid for node in cluster.list_all_nodes()]
    sys.stdout.write(json.dumps({"address": cluster.address, "raylets": raylets}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    cluster.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])
