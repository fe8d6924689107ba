"""What one form alone needs: an extra that is named as the form is."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from bench.errors import Fault, InputError
from bench.host.doctor.installer import this_installer

__all__ = ["needed"]


def needed(module: str, form: str, package: str) -> Any:
    """The module, imported. Raises InputError, with the command that installs `package`, where it isn't there."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != package:
            raise
        what = f"--format {form} needs the extra `{form}`, and {package} is not installed"
        raise InputError(Fault(what, this_installer().install(package))) from None
