#!/usr/bin/env bash
# pytest-benchmark 5.3.1 under pytest-xdist 3.8.0: benchmarks are switched off with a warning, the JSON file that was asked
# for isn't written, and the run ends with 0. A gate in CI that gets `-n` from elsewhere then judges nothing, and passes.
# Seen on Python 3.11: "Benchmarks are automatically disabled because xdist plugin is active", "1 passed", no out.json.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet pytest==9.2.0 pytest-benchmark==5.3.1 pytest-xdist==3.8.0
printf 'def test_sum(benchmark):\n    benchmark(sum, range(100))\n' >test_sum.py
status=0
venv/bin/python -m pytest -n 2 --benchmark-json=out.json test_sum.py || status=$?
echo "exit status $status; out.json: $([ -e out.json ] && echo written || echo absent)"
[ "$status" = 0 ] && [ ! -e out.json ]
