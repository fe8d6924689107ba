"""How many forgeries an audit finds, and how many honest teams it doubts: made up, each with a seed.

    .venv/bin/python tests/soak/audit.py --teams 1000

A class of honest teams is audited by itself, and then with as many forgers among them: of kinds that were written
beside the audit, and of kinds by strangers who hadn't seen it (`tests/soak/forgeries`), some of whom left nothing to be
seen. Of the former 95 % are to be found, and how many of the latter is told; of the honest teams at most 1 % are to be
odd, and none impossible; whoever was copied from is no forger, and is looked at with those who copied. Exit status 1:
it is otherwise.
"""

import argparse
import importlib
import pkgutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.analyse.audit.audit import audit
from tests.course import FORGERS, by_stranger, forged_tree, honest_tree, profile_of
from tests.soak import forgeries

FOUND, ODD = 0.95, 0.01
COPYING = ("copied", "copied faster", "first: adopt", "second: borrowed_accuracy")
"""These want whom they copied from in the tree."""


def all_forgers():
    found = dict(FORGERS)
    for module in pkgutil.iter_modules(forgeries.__path__):
        theirs = importlib.import_module(f"{forgeries.__name__}.{module.name}").FORGERS
        found |= {f"{module.name}: {name}": by_stranger(forge) for name, forge in theirs.items()}
    return found


def judged_honest(teams, seed):
    with tempfile.TemporaryDirectory() as folder:
        honest_tree(Path(folder), teams, seed)
        began = time.perf_counter()
        found = audit(Path(folder), profile_of)
        took = time.perf_counter() - began
    verdicts = Counter(found.verdict_of(team) for team in found.records)
    print(f"honest: {teams} teams, {found.records.total()} records in {took:.1f} s: {dict(verdicts)}")
    for one in found.doubted:
        print(f"  {one.where}: {'; '.join(f'{each.code}: {each.evidence}' for each in one.doubts)}")
    return verdicts["odd"] / teams <= ODD and not verdicts["impossible"]


def judged_forged(teams, seed):
    forgers = all_forgers()
    with tempfile.TemporaryDirectory() as folder:
        honest_tree(Path(folder), teams, seed - 1)
        kinds = forged_tree(Path(folder), teams, seed, forgers, COPYING)
        found = audit(Path(folder), profile_of)
    told_of = {(one.where.team, doubt.code) for one in found.doubted for doubt in one.doubts}
    codes = Counter((kinds[team], code) for team, code in told_of if team in kinds)
    verdicts = Counter((kinds[team], found.verdict_of(team)) for team in kinds)
    for kind in forgers:
        told = {verdict: verdicts[kind, verdict] for verdict in ("plausible", "odd", "impossible")}
        by = ", ".join(f"{code} {count}" for (of, code), count in codes.most_common() if of == kind)
        print(f"forged, {kind}: {told} by {by}")
    found_of = {name: [0, 0] for name in ("our kinds", "strangers' kinds")}
    for (kind, verdict), count in verdicts.items():
        side = found_of["our kinds" if kind in FORGERS else "strangers' kinds"]
        side[0] += count * (verdict != "plausible")
        side[1] += count
    for name, (hit, count) in found_of.items():
        print(f"forged, {name}: {hit} of {count} found, {hit / count:.1%}")
    honest = [team for team in found.records if team not in kinds and not team.startswith("v")]
    beside = sum(found.verdict_of(team) != "plausible" for team in honest)
    print(f"of {len(honest)} honest teams beside them {beside} aren't plausible")
    hit, count = found_of["our kinds"]
    return hit / count >= FOUND and beside <= ODD * teams


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--teams", type=int, default=1000, help="honest teams, and as many forgers (1000)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    honest = judged_honest(options.teams, options.seed)
    forged = judged_forged(options.teams, options.seed + 1)
    sys.exit(0 if honest and forged else 1)


if __name__ == "__main__":
    main()
