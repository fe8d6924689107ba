#!/usr/bin/env bash
# pyperf 2.11.0, `compare_to` on two files of one value each: it prints a ratio ("2.00x slower"), then "ERROR when testing
# if values are significant", and ends with 0; with --table the error isn't even printed. One value has no spread, and
# nothing says so to a script that goes by the exit status or reads the table.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet pyperf==2.11.0
cat >values.py <<'PYTHON'
import pyperf

for name, value in (("before.json", 1.0), ("after.json", 2.0)):
    run = pyperf.Run([value], metadata={"name": "step"}, collect_metadata=False)
    pyperf.Benchmark([run]).dump(name, replace=True)
PYTHON
venv/bin/python values.py
status=0
venv/bin/python -m pyperf compare_to before.json after.json >said 2>&1 || status=$?
table=0
venv/bin/python -m pyperf compare_to before.json after.json --table >said-in-table 2>&1 || table=$?
cat said said-in-table
echo "exit status $status, with --table $table"
[ "$status" = 0 ] && [ "$table" = 0 ] && grep -q '2.00x slower' said && grep -q 'ERROR' said && ! grep -q 'ERROR' said-in-table
