import sys
import types

import pytest

from bench.support.notebooks import in_kernel, started_by_kernel


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"JPY_PARENT_PID": "86", "MPLBACKEND": "module://ipykernel.pylab.backend_inline"}, True),  # Colab
        ({"JPY_PARENT_PID": "7", "MPLBACKEND": "agg", "KAGGLE_KERNEL_RUN_TYPE": "Batch"}, True),
        ({"MPLBACKEND": "module://matplotlib_inline.backend_inline", "VSCODE_PID": "1"}, True),  # no jupyter_client
        ({"COLAB_RELEASE_TAG": "release-colab", "TERM": "xterm-256color"}, False),  # Colab's terminal
        ({"VSCODE_GIT_ASKPASS_NODE": "node", "TERM_PROGRAM": "vscode"}, False),
        ({"MPLBACKEND": "agg"}, False),
        ({}, False),
    ],
)
def test_a_command_of_a_notebooks_cell_is_told_from_a_terminals(environ, told):
    assert started_by_kernel(environ) is told


@pytest.mark.parametrize(
    ("shell", "told"),
    [(None, False), (types.SimpleNamespace(), False), (types.SimpleNamespace(kernel=object()), True)],
)
def test_a_kernel_is_told_from_ipythons_shell_in_a_terminal(monkeypatch, shell, told):
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    assert in_kernel() is told


def test_ipython_is_not_imported_to_find_out(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert not in_kernel()
    assert "IPython" not in sys.modules
