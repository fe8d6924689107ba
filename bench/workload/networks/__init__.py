"""The networks: the handout's two, others of the house, every one of Keras Applications, and the user's own.

Each file makes `Body`s of one family; `build` puts a body between the images and the head.
"""

from bench.workload.networks.build import Network, build, build_for_elements, network_of
from bench.workload.networks.freezing import freeze

__all__ = ["Network", "build", "build_for_elements", "freeze", "network_of"]
