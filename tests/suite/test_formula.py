"""Grading formulas: what they come to, and what they refuse."""

import math

import pytest

from bench.suite.formula import FormulaError, evaluated, parse_formula

VALUES = {"accuracy": 0.8, "epochs": 10.0}
GROUP = {"accuracy": [0.5, 0.8, 0.9], "epochs": [5.0, 10.0, 30.0]}


def value(text):
    formula = parse_formula(text)
    return evaluated(formula, VALUES, {name: GROUP[name] for name in formula.names})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20*(accuracy-min)/(max-min)", 15.0),
        ("20·(accuracy − min)/(max − min)", 15.0),
        ("accuracy", 0.8),
        ("-accuracy + 2 ** 3", 7.2),
        ("mean(epochs) - median(epochs)", 5.0),
        ("max(epochs) * min(accuracy)", 15.0),
        ("min(accuracy, 0.7)", 0.7),
        ("max(1, 2, epochs)", 10.0),
        ("clip(epochs / 4, 0, 2)", 2.0),
        ("sqrt(4) + abs(-1) + log(1)", 3.0),
        ("divide(1, epochs - 10, 7)", 7.0),
        ("divide(1, epochs - 9, 7)", 1.0),
    ],
)
def test_what_it_comes_to(text, expected):
    assert value(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no formula"),
        ("1 +", "is no formula"),
        ("(" * 400, "is no formula"),
        ("1" * 501, "up to 500 characters"),
        ("__import__('os').system('true')", "has no place in a formula"),
        ("open('x')", "there is no function 'open'"),
        ("accuracy.real", "'accuracy.real' has no place"),
        ("[1][0]", "has no place"),
        ("1 if accuracy else 2", "has no place"),
        ("accuracy > 1", "has no place"),
        ("True", "has no place"),
        ("1j", "has no place"),
        ("1e999", "has no place"),
        ("'a'", "has no place"),
        ("accuracy // 2", "has no place"),
        ("(lambda: 1)()", "has no place"),
        ("clip(accuracy, low=1)", "has no place"),
        ("clip(accuracy)", "takes 3 values, and has 1"),
        ("mean(accuracy + 1)", "mean(…) is of one metric's name"),
        ("min()", "min(…) is of one metric's name"),
        ("accuracy / (1 - 1)", "the formula divides by 0"),
        ("min", "'min' of what? The formula has no metrics"),
        ("accuracy * epochs - max", "'max' of what? The formula has 2 metrics"),
    ],
)
def test_what_is_no_formula(text, said):
    with pytest.raises(FormulaError) as caught:
        parse_formula(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1/(accuracy-accuracy)", "divides by nothing"),
        ("0 ** (0 - epochs)", "divides by nothing"),
        ("10 ** (epochs ** 9)", "comes to no number"),
        ("(0 - epochs) ** 0.5", "comes to no number"),
        ("sqrt(0 - epochs)", "comes to no number"),
        ("log(epochs - 10)", "comes to no number"),
    ],
)
def test_what_comes_to_nothing(text, said):
    with pytest.raises(FormulaError, match=said):
        value(text)


def test_a_group_that_is_all_alike_divides_by_nothing():
    formula = parse_formula("20*(accuracy-min)/(max-min)")
    with pytest.raises(FormulaError, match="divides by nothing") as caught:
        evaluated(formula, VALUES, {"accuracy": [0.8, 0.8]})
    assert "divide(A, B, OTHERWISE)" in caught.value.hint
    other = parse_formula("divide(20*(accuracy-min), max-min, 20)")
    assert math.isclose(evaluated(other, VALUES, {"accuracy": [0.8]}), 20)
