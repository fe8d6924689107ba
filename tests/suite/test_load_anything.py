"""Whatever the text, the answer is a suite or a refusal that a person can read."""

from __future__ import annotations

from contextlib import suppress

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bench.errors import Fault, InputError
from bench.suite import Suite, load
from bench.suite.yamlfile import parse_value
from bench.support.plain_text import plain_values

GOOD = """\
data: {name: synthetic, classes: 10}
models: {axes: {network: [VGG16, ResNet50], freeze: [0, 0.9]}, exclude: [{network: VGG16, freeze: 0.9}]}
variants: &v [notebook, {cache: memory, name: mine}]
batch_sizes: [8]
protocol: {max_seconds: 8}
"""
PIECES = st.sampled_from(
    [
        *"&*!|>%@`?:-,[]{}#'\"\n\t\\~",
        *("<<: *v", "&v ", "*v", "!!int ", "!!python/name:os ", "---\n", "null", "on", "1e5", ".inf", "0", "-1"),
        *("axes: ", "base: ", "name: ", "network: ", "9" * 30, '"\\ud800"', "\x00", "\u2028", "  "),
    ]
)
MANGLED = st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 12), PIECES), max_size=6)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(list(Suite.model_fields))
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from(["axes", "name"]), inner, max_size=3)
    ),
    max_leaves=12,
)
QUICK = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


def refusal(path, *overrides: str) -> tuple[Fault, ...]:
    try:
        suite = load(path, overrides)
    except InputError as error:
        return error.faults
    assert suite.cells()
    return ()


def answer(path, *overrides: str) -> None:
    assert all(str(fault).splitlines() == [str(fault)] for fault in refusal(path, *overrides))


@QUICK
@given(text=st.text() | st.binary())
def test_any_text(tmp_path, text):
    path = tmp_path / "any.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    answer(path)


@QUICK
@given(changes=MANGLED)
def test_a_good_suite_mangled(tmp_path, changes):
    text = GOOD
    for start, length, piece in changes:
        text = text[:start] + piece + text[start + length :]
    path = tmp_path / "any.yaml"
    path.write_bytes(text.encode(errors="surrogatepass"))
    answer(path)


@QUICK
@given(key=st.sampled_from(list(Suite.model_fields)), value=TREES)
def test_any_value_under_any_key(tmp_path, key, value):
    path = tmp_path / "any.yaml"
    path.write_text(GOOD)
    answer(path, f"{key}={yaml.safe_dump(value, default_flow_style=True, width=10**6)}")


@QUICK
@given(text=st.text(max_size=20), value=PIECES)
@example(text="models.0.0", value="1")
@example(text="variants.axes.cache", value="[x]")
def test_any_override(tmp_path, text, value):
    path = tmp_path / "any.yaml"
    path.write_text(GOOD)
    answer(path, "models=[null, {}]", f"{text}={value}", text)


@settings(max_examples=60, deadline=None)
@given(value=TREES)
def test_what_pyyaml_writes_is_read_back(value):
    text = yaml.safe_dump(value, allow_unicode=False, sort_keys=False)
    if plain_values(value) != value:  # what isn't seen is refused, or at a break's place is one
        with suppress(InputError):
            parse_value(text, "here")
        return
    assert repr(parse_value(text, "here")) == repr(value)
