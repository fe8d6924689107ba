"""What a machine is called: ids for files, labels for people. Made from its hardware alone."""

from __future__ import annotations

import re

from bench.host.hardware import Hardware

__all__ = ["brandless", "card", "host_id", "host_label", "processor", "slug"]

_BRANDS = {"nvidia", "geforce", "tesla"}
_FORM = re.compile(r"sxm\d*|pcie|\d+gb|hbm\d\w*|gpu", re.IGNORECASE)
_LONGEST = 48
_PLATFORMS = {"colab": "Colab", "kaggle": "Kaggle"}


def slug(text: str) -> str:
    """Lower-case letters, digits and hyphens, as ids have them.

    >>> slug("RTX 2080 Ti")
    'rtx-2080-ti'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def brandless(gpu_name: str) -> str:
    """A driver's name for a GPU without its brands, which drivers have put in and left out over the years.

    >>> brandless("NVIDIA GeForce RTX 2080 Ti"), brandless("Tesla P100-PCIE-16GB")
    ('RTX 2080 Ti', 'P100-PCIE-16GB')
    """
    return " ".join(word for word in gpu_name.split() if word.lower() not in _BRANDS)


def card(gpu_name: str) -> str:
    """The card's plain name, without form factor and memory size.

    >>> card("Tesla P100-PCIE-16GB"), card("NVIDIA A100-SXM4-40GB MIG 1g.5gb"), card("NVIDIA H100 80GB HBM3")
    ('P100', 'A100 MIG 1g.5gb', 'H100')
    """
    words = re.split(r"[\s-]+", brandless(gpu_name))
    return " ".join(word for word in words if not _FORM.fullmatch(word)) or "GPU"


def host_id(hardware: Hardware) -> str:
    """The id of such a machine: `colab-t4`, `rtx-2080-ti`, `cpu-amd-epyc-2c`."""
    if hardware.kind == "gpu":
        name = slug(slug(card(hardware.gpu_name or ""))[:_LONGEST]) or "gpu"
    else:
        name = f"cpu-{slug(processor(hardware.cpu))[:_LONGEST] or 'unknown'}-{hardware.cores}c"
    return name if hardware.platform == "local" else f"{hardware.platform}-{name}"


def host_label(hardware: Hardware) -> str:
    """What a table's heading calls such a machine: `Colab (Tesla T4)`, `RTX 2080 Ti`, `AMD EPYC, 2 cores`."""
    if hardware.kind == "gpu":
        name = re.sub(r"\b(NVIDIA|GeForce)\s+", "", hardware.gpu_name or "").strip() or "GPU"
    else:
        name = f"{processor(hardware.cpu) or 'CPU'}, {hardware.cores} core{'' if hardware.cores == 1 else 's'}"
    platform = _PLATFORMS.get(hardware.platform)
    return f"{platform} ({name})" if platform else name


def processor(cpu: str) -> str:
    """A processor's name without the words that say nothing: trademarks, clock, "N-Core Processor"."""
    name = re.sub(r"\((R|TM|C)\)|@.*|\bwith .*|\b\w+-Core\b|\b(CPU|Processor)\b|^\d+th Gen\b", " ", cpu, flags=re.I)
    return " ".join(name.split())
