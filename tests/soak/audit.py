"""How many forgeries an audit finds, and how many honest teams it doubts: made up, each with a seed.

    .venv/bin/python tests/soak/audit.py --teams 1000

Of the forgeries, of eleven kinds, 95 % are to be found; of the honest teams at most 1 % are to be odd, and none
impossible. Exit status 1: it is otherwise.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.analyse.audit.audit import audit
from tests.course import FORGERS, forged_tree, honest_tree, profile_of

FOUND, ODD = 0.95, 0.01


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
    with tempfile.TemporaryDirectory() as folder:
        kinds = forged_tree(Path(folder), teams, seed)
        found = audit(Path(folder), profile_of)
    verdicts = Counter((kinds[team], found.verdict_of(team)) for team in kinds)
    for kind in FORGERS:
        told = {verdict: verdicts[kind, verdict] for verdict in ("plausible", "odd", "impossible")}
        print(f"forged, {kind}: {told}")
    share = sum(count for (_, verdict), count in verdicts.items() if verdict != "plausible") / teams
    print(f"forged: {share:.1%} of {teams} found")
    return share >= FOUND


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
