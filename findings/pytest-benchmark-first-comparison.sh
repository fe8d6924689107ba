#!/usr/bin/env bash
# pytest-benchmark 5.3.1, `--benchmark-compare-fail` before anything was stored: every benchmark is measured to its end, and
# only the summary finds that there is nothing to compare with. The usage error is raised where pytest expects none, so
# that it comes with a traceback and status 4: the first run of a new gate costs its whole time.
# Seen on Python 3.11: "pytest.UsageError: --benchmark-compare-fail requires valid --benchmark-compare."
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet pytest==9.2.0 pytest-benchmark==5.3.1
printf 'def test_sum(benchmark):\n    benchmark(sum, range(100))\n    open("measured", "w").close()\n' >test_sum.py
status=0
venv/bin/python -m pytest --benchmark-compare --benchmark-compare-fail=mean:5% test_sum.py >said 2>&1 || status=$?
tail -n 8 said
echo "exit status $status; measured first: $([ -e measured ] && echo yes || echo no)"
[ "$status" = 4 ] && [ -e measured ] && grep -q 'Traceback' said
