"""A run's tables in brief, for the output of a notebook's cell; the report of its files says more."""

from __future__ import annotations

from pathlib import Path

from bench.analyse.expectation.handout import handout
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.spread import UNMEASURED, spreads
from bench.host.registry import profiles
from bench.report.core.groups import by_model
from bench.report.core.monospaced import render
from bench.report.core.notes import titled
from bench.report.handout.table import handout_tables
from bench.report.suite.brief_table import brief_table
from bench.results.index.newest import read_newest
from bench.results.query import latest

__all__ = ["brief_text"]


def brief_text(root: Path, host: str, suite: str, team: str | None = None) -> str:
    """The handout's table, where cells of it were measured, and the suite's on that host, of that team; ends with a
    newline.

    Raises `InputError` where results can't be read.
    """
    known = profiles(root)
    labels = {profile.id: profile.label for profile in known}
    records = by_model(one for one in latest(read_newest(root, [host], [suite]).records) if one.team == team)
    standing = Standings(records, {host: spreads(known).get(host, UNMEASURED)}).to_baselines()
    tables = [*handout_tables(handout(known, records), known)[:1]]
    tables.append(brief_table(records, standing, titled(records, labels.get(host, host))))
    return "\n".join(map(render, tables))
