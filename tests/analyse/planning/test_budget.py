import pytest

from bench.analyse.planning.budget import parse_budget
from bench.errors import InputError


@pytest.mark.parametrize(
    ("text", "kind", "amount", "currency"),
    [
        ("8h", "time", 28_800, None),
        ("90 min", "time", 5_400, None),
        ("2 days", "time", 172_800, None),
        ("30 quota  hours", "quota", 108_000, None),
        ("5 EUR", "money", 5, "EUR"),
        ("€2,50", "money", 2.5, "EUR"),
        ("2.50$", "money", 2.5, "USD"),
        ("2 kWh", "energy", 7.2e6, None),
        ("500 kJ", "energy", 5e5, None),
        ("1 kg CO2", "co2", 1e3, None),
    ],
)
def test_budgets_in_words(text, kind, amount, currency):
    found = parse_budget(text)
    assert (found.kind, found.amount, found.currency) == (kind, pytest.approx(amount), currency)


@pytest.mark.parametrize(
    "text", ["", "h", "8", "0 h", "-1 h", "8 bananas", "5 eur", "$5 EUR", "1e9 h", "9" * 40 + " h", "8h30"]
)
def test_what_is_no_budget(text):
    with pytest.raises(InputError, match="is no budget; an amount above 0 such as 8h"):
        parse_budget(text)
