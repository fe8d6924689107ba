"""Trees of teams, their bundles, and archives made by hand, for tests of packing and collecting."""

import hashlib
import io
import json
import zipfile

from bench.bundle.form import MANIFEST
from bench.bundle.pack import pack
from bench.host.profile import HostProfile, profile_path, save
from bench.results.journal import Journal, journal_path
from bench.results.owner import keep_owner
from bench.results.record import Record
from tests.records import make_record

HOST = "tesla-t4"


def make_tree(root, team="07", *, host=HOST, seeds=range(3), **changes):
    """A tree of a team's with a record a seed, its host's profile and its suite."""
    root.mkdir(parents=True, exist_ok=True)
    if team is not None:
        keep_owner(root, team)
    for seed in seeds:
        record = make_record(host=host, team=team, seed=seed, count=3, **changes)
        Journal(journal_path(root, host, record.suite, team), Record).append(record)
    save(HostProfile(id=host, label="Tesla T4"), profile_path(root, host))
    (root / "suites").mkdir(exist_ok=True)
    (root / "suites" / "cnn.yaml").write_text("title: a suite\n")
    return root


def make_bundle(folder, team="07", **changes):
    """The bytes of such a tree's bundle."""
    return pack(make_tree(folder / f"tree-{team}", team, **changes)).content


def files_of(content):
    """The files of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive_of(files, method=zipfile.ZIP_DEFLATED):
    """An archive of these files; a name may be a ZipInfo."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, content, compress_type=method)
    return buffer.getvalue()


def bundle_of(files, /, **changes):
    """A bundle with these files and a manifest that fits them, as somebody could make one by hand."""
    manifest = {
        "form": "bench-bundle",
        "version": 1,
        "team": "07",
        "versions": {},
        "files": {name: {"bytes": len(one), "sha256": hashlib.sha256(one).hexdigest()} for name, one in files.items()},
    } | changes
    return archive_of({MANIFEST: json.dumps(manifest).encode()} | files)


def changed(content, change):
    """A bundle whose files `change` has been let loose on, with a manifest that fits them again."""
    files = files_of(content)
    team = json.loads(files.pop(MANIFEST))["team"]
    change(files)
    return bundle_of(files, team=team)
