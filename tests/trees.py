"""Trees of files, as Linux or a user would have written them."""


def tree(root, files):
    """Write each text of `files` to its path under `root`, and give `root`."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root
