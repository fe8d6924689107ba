"""A card as TensorFlow would tell of it, on a node that has none: what it computes is computed by the processor.

Python imports this wherever its folder is on the path. Stands for TensorFlow's list of devices alone, as the library
of `tests/nvml` stands for the driver's.
"""

import importlib.machinery
import os
import sys

NAME, CAPABILITY = os.environ.get("STANDIN_CARD", "").partition("/")[::2]


class _Finder:
    def find_spec(self, name, path=None, target=None):
        if name != "bench.workload.runtime":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            _tell_of_a_card(module)

        spec.loader.exec_module = exec_module
        return spec


def _tell_of_a_card(runtime):
    device, configure = runtime.device, runtime.configure
    runtime.device = lambda: runtime.Device("gpu", NAME, CAPABILITY, device().software)
    runtime.configure = lambda options, seed, expected: configure(options, seed, "cpu")


if NAME:
    sys.meta_path.insert(0, _Finder())
