#!/usr/bin/env bash
# MLflow 3.17.2 refuses the store that it had by default for years: a folder as tracking URI (`file:///…/mlruns`, `./mlruns`)
# raises an exception as a client is made. `MLFLOW_ALLOW_FILE_STORE=true` lets it in; SQLite works as it is.
# Expected: a file store works, or warns. Seen on Python 3.11: "is in maintenance mode and will not receive further updates".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet mlflow-skinny==3.17.2 sqlalchemy==2.1.9 alembic==1.20.1 pandas==3.1.1
cat >log.py <<'PY'
import sys

from mlflow import MlflowClient

try:
    client = MlflowClient(tracking_uri=sys.argv[1])
    print(sys.argv[1][:4], "works:", client.create_experiment("mine") != "")
except Exception as error:
    print(sys.argv[1][:4], type(error).__name__, str(error)[:120])
PY
export MLFLOW_DISABLE_TELEMETRY=true
venv/bin/python log.py "file://$folder/runs" 2>noise | tee said
MLFLOW_ALLOW_FILE_STORE=true venv/bin/python log.py "file://$folder/runs" 2>noise | tee -a said
venv/bin/python log.py "sqlite:///$folder/runs.db" 2>noise | tee -a said
[ "$(cut -d' ' -f1,2 said | tr '\n' ' ')" = "file MlflowException file works: sqli works: " ] && grep -q 'maintenance mode' said
