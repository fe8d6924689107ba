"""Folders of installed packages, as pip leaves them: metadata alone, which is all that the doctor reads."""

GOOD = {
    "bench-harness": (
        "0.1.0",
        [
            "numpy",
            "packaging",
            "tensorflow>=2.18",
            'ai-benchmark==0.1.2; extra == "score"',
            'tf-keras>=2.18; extra == "score"',
            'ruff; extra == "dev"',
        ],
    ),
    "tensorflow": (
        "2.21.0",
        [
            "keras>=3.12.0",
            "numpy>=1.26.0",
            "protobuf<8.0.0,>=6.31.1",
            "setuptools",
            'nvidia-cudnn-cu12<10.0,>=9.3.0.75; extra == "and-cuda"',
            'tomli>=2; python_version < "3.0"',
        ],
    ),
    "keras": ("3.15.1", ["numpy", "packaging"]),
    "numpy": ("2.4.6", []),
    "packaging": ("26.3", []),
    "protobuf": ("7.36.2", []),
    "setuptools": ("84.2.1", []),
    "tf_keras": ("2.21.0", ["tensorflow<2.22,>=2.21"]),
    "ai-benchmark": ("0.1.2", ["numpy", "setuptools"]),
}
"""Versions that fit together."""


def install(folder, name, version, requires=(), tag="py3-none-any"):
    """Leave in `folder` what pip leaves there of a package."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {one}" for one in requires)]
    (info / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(lines) + "\n")
    (info / "WHEEL").write_text(f"Wheel-Version: 1.0\nTag: {tag}\n")
    return info


def installation(folder, **changes):
    """A folder with all of GOOD; `changes` replace a package (None: it isn't there), its name with underscores."""
    packages = {name.replace("-", "_"): (name, *found) for name, found in GOOD.items()}
    for name, change in changes.items():
        packages.pop(name, None)
        if change is not None:
            packages[name] = (name.replace("_", "-"), *change)
    for name, *found in packages.values():
        install(folder, name, *found)
    return folder
