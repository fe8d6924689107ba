"""Networks put together by hand, without Keras."""

from bench.results.architecture import Architecture, Layer

__all__ = ["made", "residual"]


def made(*layers, outputs=(), **more):
    """An architecture of layers, each (kind, the places that it takes from, its fields by name)."""
    told = [
        Layer(**{"name": f"{kind.lower()}_{place}", "shapes": ((4, 4, 8),), "macs": 0} | fields, kind=kind, takes=takes)
        for place, (kind, takes, fields) in enumerate(layers)
    ]
    total = {name: sum(getattr(layer, name) or 0 for layer in told) for name in ("trainable", "non_trainable", "macs")}
    return Architecture(layers=told, outputs=outputs or ((len(told) - 1,) if told else ()), **total | more)


def residual(blocks=3, **first):
    """A convolution, blocks of a convolution, an activation and a sum, and a dense layer."""
    layers = [("InputLayer", (), {}), ("Conv2D", (0,), {"settings": "3×3, 8", "trainable": 9, "macs": 100} | first)]
    for _ in range(blocks):
        before = len(layers) - 1
        layers += [
            ("Conv2D", (before,), {"settings": "3×3, 8", "alike": "a", "trainable": 9, "macs": 300}),
            ("ReLU", (before + 1,), {}),
            ("Add", (before, before + 2), {}),
        ]
    return made(*layers, ("Dense", (len(layers) - 1,), {"shapes": ((5,),), "trainable": 40, "macs": 40}))
