"""A suite on nodes of a Ray cluster: each node runs its part as `bench run` does there, one driver keeps all records.

    driver ──► actor ──► node's process ──► fork server ──► cells
    (keeps)   (relays)  (rounds, instruments)

Ray carries words to and fro, and never measures: cells are children of a process of our own on the node, and neither
that process nor Ray's worker imports TensorFlow.
"""
