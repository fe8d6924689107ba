"""`bench schema`: what a suite's YAML may hold, for editors."""

from __future__ import annotations

import json

import typer

__all__ = ["schema"]


def schema() -> None:
    """Print the JSON Schema of a suite's YAML, by which editors complete and check it as it is written.

    The suites that come with bench name it in their first line; the same line works in one of your own:
    # yaml-language-server: $schema=suite.schema.json
    """
    from bench.suite.schema import suite_schema

    typer.echo(json.dumps(suite_schema(), indent=1, ensure_ascii=False))
