import pytest

from bench.host.doctor.device_code import Code, code_for, last_release_with, lowest

TENSORFLOW_2_21 = ("sm_60", "sm_70", "sm_80", "sm_89", "compute_90")


@pytest.mark.parametrize(
    ("capability", "kind", "architecture"),
    [
        ("6.0", "binary", "sm_60"),  # P100
        ("6.1", "binary", "sm_60"),  # GTX 1080: the same major version, a higher minor one
        ("7.5", "binary", "sm_70"),  # T4
        ("8.0", "binary", "sm_80"),
        ("8.6", "binary", "sm_80"),
        ("8.9", "binary", "sm_89"),
        ("9.0", "mixed", "compute_90"),  # H100
        ("10.0", "ptx", "compute_90"),
        ("12.0", "ptx", "compute_90"),
        ("5.2", "none", None),
        ("3.7", "none", None),
    ],
)
def test_the_cards_of_a_release(capability, kind, architecture):
    assert code_for(capability, TENSORFLOW_2_21) == Code(kind, architecture)


@pytest.mark.parametrize(
    ("capability", "architectures", "kind"),
    [
        ("8.6", ["sm_89"], "none"),  # a lower minor version than the code's
        ("9.0", ["sm_89"], "none"),  # another major version
        ("9.0", ["compute_70", "compute_80"], "ptx"),
        ("9.0", ["sm_90a"], "binary"),
        ("9.0", ["sm_90", "compute_90"], "binary"),
        ("8.6", ["compute_80"], "mixed"),
        ("10.0", ["sm_90a"], "none"),
        ("10.0", ["compute_90a"], "none"),  # bound to one version by its letter
        ("12.1", ["sm_120"], "binary"),
        ("7.5", ["gfx906", ""], "none"),
        ("7.5", [], "none"),
    ],
)
def test_who_runs_what(capability, architectures, kind):
    assert code_for(capability, architectures).kind == kind


def test_the_newest_ptx_is_taken():
    assert code_for("12.0", ["compute_70", "compute_90", "compute_80"]).architecture == "compute_90"


def test_where_a_build_begins_and_who_had_code_before_it():
    assert lowest(TENSORFLOW_2_21) == "6.0"
    assert lowest([]) is None
    assert last_release_with("5.2") == "2.16"
    assert last_release_with("3.0") is None
