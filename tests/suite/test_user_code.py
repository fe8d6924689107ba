"""The user's own code, by import paths."""

import sys

import pytest

from bench.errors import InputError
from bench.suite.user_code import load_function, locate


@pytest.fixture
def own(tmp_path):
    """A package whose parents fall over where they are imported, and modules beside it."""
    deep = tmp_path / "importing_package" / "deep"
    deep.mkdir(parents=True)
    (tmp_path / "importing_package" / "__init__.py").write_text("raise SystemExit('imported')\n")
    (deep / "nets.py").write_text("def build(): ...\n")
    (tmp_path / "importing_later.py").write_text(
        "def build():\n    import importing_helper\n    return importing_helper.VALUE\nwidth = 3\n"
    )
    (tmp_path / "importing_helper.py").write_text("VALUE = 5\n")
    return tmp_path


def test_a_modules_own_file_is_located_without_importing(own):
    assert locate("importing_package.deep.nets", own) == own / "importing_package" / "deep" / "nets.py"
    assert locate("importing_package", own) == own / "importing_package" / "__init__.py"
    assert locate("json.decoder", own).name == "decoder.py"
    assert "importing_package" not in sys.modules


@pytest.mark.parametrize(
    "module", ["importing_absent", "importing_package.absent", "importing_later.inner", "importing_package.deep", "sys"]
)
def test_what_no_file_holds(own, module):
    assert locate(module, own) is None


def test_the_folder_comes_before_the_current_one(own, tmp_path_factory, monkeypatch):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "importing_both.py").write_text("def which(): return 'current'\n")
    (elsewhere / "importing_here.py").write_text("def which(): return 'current'\n")
    (own / "importing_both.py").write_text("def which(): return 'suite'\n")
    monkeypatch.chdir(elsewhere)
    assert locate("importing_both", own) == own / "importing_both.py"
    assert locate("importing_here", own) == elsewhere / "importing_here.py"
    monkeypatch.setattr(sys, "path", [str(elsewhere), *sys.path])
    assert load_function("importing_both:which", own)() == "suite"
    assert load_function("importing_here:which", own)() == "current"


def test_what_a_function_imports_when_it_is_called_is_found(own, monkeypatch):
    monkeypatch.setattr(sys, "path", sys.path.copy())
    assert load_function("importing_later:build", own)() == 5


def test_what_is_not_there_is_said(own, monkeypatch):
    monkeypatch.setattr(sys, "path", sys.path.copy())
    with pytest.raises(
        InputError, match="importing_absent:f: importing_absent can't be imported: ModuleNotFoundError"
    ) as caught:
        load_function("importing_absent:f", own)
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
    with pytest.raises(InputError, match=r"importing_later has no function 'biuld'; did you mean 'build'\?"):
        load_function("importing_later:biuld", own)
    with pytest.raises(InputError, match="importing_later has no function 'width'"):
        load_function("importing_later:width", own)
    (own / "importing_broken.py").write_text("import importing_absent_too\n")
    with pytest.raises(InputError, match=r"importing_broken can't be imported: .*'importing_absent_too'"):
        load_function("importing_broken:f", own)
