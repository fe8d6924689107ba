"""Records as a program gets them: a tuple, and in a notebook their tables and figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Self

from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.spread import UNMEASURED, Spread, spread_of
from bench.errors import Fault, InputError
from bench.host.profile import HostProfile
from bench.report.core import html, monospaced
from bench.report.core.groups import by_model
from bench.report.core.notes import titled
from bench.report.suite.brief_table import brief_table
from bench.report.suite.table import suite_table
from bench.results.query import Group, by_suite, latest
from bench.results.record import Record

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Results"]


class Results(tuple[Record, ...]):
    """Records, the newest of each cell on each host. Shows its tables where a notebook's cell ends in it; `print`
    shows them in brief.

    >>> found = bench.run_suite("suites/digits.yaml")
    >>> found[0].cell, len(found[0].windows)
    ('simple_cnn/notebook/b32', 31)
    >>> found.plot().savefig("speedup.svg")
    """

    _profiles: dict[str, HostProfile]

    def __new__(cls, records: Iterable[Record] = (), profiles: Iterable[HostProfile] = ()) -> Self:
        """The records, and the profiles of the hosts that they name."""
        made = super().__new__(cls, tuple(records))
        made._profiles = {profile.id: profile for profile in profiles}
        return made

    def plot(self, suite: str | None = None, host: str | None = None, team: str | None = None) -> Figure:
        """Draw how many times as fast as its baseline each variant is, with 95 % intervals.

        Args:
            suite: The suite's name, where there are records of several.
            host: The host's id, where there are records of several.
            team: The team, where there are records of several.

        Returns:
            A matplotlib figure, which shows itself in a notebook; `savefig` keeps it.

        Raises:
            bench.errors.InputError: Where the records left are of none or of several suites, hosts or teams, or nothing
                in them can be compared.
        """
        from bench.report.suite.speedup_plot import speedup_figure

        groups = {
            key: group
            for key, group in by_suite(latest(self)).items()
            if host in (None, key.host) and suite in (None, key.suite) and team in (None, key.team)
        }
        if len(groups) != 1:
            there = ", ".join(map(_named, by_suite(self))) or "no records at all"
            raise InputError(
                Fault(f"a figure is of one suite on one host, of one team, and these are {len(groups)}", there)
            )
        ((host_id, _, _), group) = groups.popitem()
        figure = speedup_figure(group, *self._host(host_id))
        if figure is None:
            hint = "it wants a good record of the baseline, and of another variant"
            raise InputError(Fault("nothing here can be compared", hint))
        return figure

    def __repr__(self) -> str:
        cells = f"{len(self)} record{'' if len(self) == 1 else 's'}"
        where = ", ".join(
            f"{suite} on {host}{f', team {team}' if team else ''}" for host, suite, team in by_suite(self)
        )
        return f"<{cells} of {where}>" if where else f"<{cells}>"

    def __str__(self) -> str:
        tables = []
        for host, group in self._groups():
            label, spread = self._host(host)
            standing = Standings(group, {host: spread}).to_baselines()
            tables.append(monospaced.render(brief_table(group, standing, titled(group, label))))
        return "\n".join(tables) or repr(self)

    def _repr_html_(self) -> str | None:
        tables = [html.render(suite_table(group, *self._host(host))) for host, group in self._groups()]
        return "\n".join(tables) or None

    def _groups(self) -> Sequence[tuple[str, list[Record]]]:
        return [(host, by_model(group)) for (host, _, _), group in by_suite(latest(self)).items()]

    def _host(self, host: str) -> tuple[str, Spread]:
        """Its label, and what equal processes differ by there."""
        profile = self._profiles.get(host)
        return (host, UNMEASURED) if profile is None else (profile.label, spread_of(profile))


def _named(group: Group) -> str:
    """As arguments of `plot`."""
    team = f", team={group.team!r}" if group.team is not None else ""
    return f"suite={group.suite!r}, host={group.host!r}{team}"
