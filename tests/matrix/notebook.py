"""Runs a notebook in this environment's own kernel, but for its installation. By path, with the file and the suite.

python tests/matrix/notebook.py NOTEBOOK.ipynb suites/mine.yaml
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
tags = {tag: cell for cell in notebook.cells for tag in cell.metadata.get("tags", ())}
tags["parameters"].source += f"\nsuite, until = {sys.argv[2]!r}, '60s'"
notebook.cells.remove(tags["install"])
NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": "."}}).execute()
shown = {kind for cell in notebook.cells for output in cell.get("outputs", ()) for kind in output.get("data", ())}
archives = [path.name for path in Path().glob("*.tar.gz")]
sys.stdout.write(f"shown: {', '.join(sorted(shown))}; packed: {', '.join(archives)}\n")
sys.exit(not {"text/html", "image/png"} <= shown or not archives)
