import pytest


@pytest.fixture(autouse=True)
def _nothing_in_the_users_home(monkeypatch, tmp_path_factory):
    """Where Jupyter keeps connections, and IPython its history."""
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
