#!/usr/bin/env bash
# DuckDB 2.0.1, `read_json` with what it guesses by default: a field whose first 20,480 values are whole numbers becomes a
# BIGINT, and every fraction after them is rounded to fit, without an error or a warning: the mean of 20,480 times 2 s and
# 20,480 times 2.5 s is 2.0 s. DuckDB 1.3.2 gives 2.25 s, as does 2.0.1 with sample_size = -1 or with the type given.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
cat >mean.py <<'PYTHON'
import duckdb

with open("times.jsonl", "w") as file:
    file.writelines('{"seconds": 2}\n' for _ in range(20480))
    file.writelines('{"seconds": 2.5}\n' for _ in range(20480))
mean = "SELECT avg(seconds) FROM read_json('times.jsonl'{})"
((guessed,),) = duckdb.sql(mean.format("")).fetchall()
((given,),) = duckdb.sql(mean.format(", columns = {seconds: 'DOUBLE'}")).fetchall()
print(duckdb.__version__, "guessed", guessed, "given", given)
PYTHON
for version in 1.3.2 2.0.1; do
    venv/bin/pip install --quiet "duckdb==$version"
    venv/bin/python mean.py | tee -a said
done
grep -q '1.3.2 guessed 2.25 given 2.25' said && grep -q '2.0.1 guessed 2.0 given 2.25' said
