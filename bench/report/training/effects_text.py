"""What a setting does to accuracy, in a sentence."""

from __future__ import annotations

from bench.analyse.training.effects import Effect, Level
from bench.report.core.change_text import gain_text, interval_text
from bench.report.training.settings import level_value, rate_of, setting_title

__all__ = ["effect_sentence", "effect_title", "level_text"]

_ALONE = "one seed a side, so it isn't known what seeds differ by"


def effect_title(effect: Effect) -> str:
    """The setting, and in brackets what else isn't the suite's usual: `layers trained (network vgg16)`."""
    company = ", ".join(
        f"{setting_title(name)} {level_value(name, value, effect.base.records[0])}"
        for name, value in effect.company.items()
    )
    return f"{setting_title(effect.setting)} ({company})" if company else setting_title(effect.setting)


def level_text(effect: Effect, level: Level) -> str:
    """The value as a reader names it, with its cell's own name where another value reads the same."""
    text, first = _value_text(effect, level), level.records[0]
    alike = [one.records[0] for one in effect.levels if one is not level and _value_text(effect, one) == text]
    if not alike:
        return text
    return f"{text} ({first.variant if any(one.model == first.model for one in alike) else first.model})"


def _value_text(effect: Effect, level: Level) -> str:
    """Of an optimizer with its rate, where the rates differ."""
    text = level_value(effect.setting, level.value, level.records[0])
    if effect.setting == "optimizer" and len({rate_of(one.records[0]) for one in effect.levels}) > 1:
        return f"{text}, rate {rate_of(level.records[0])}"
    return text


def effect_sentence(effect: Effect) -> str:
    """`batch size: 64 instead of 128 gives +1.3 points (95 %: +0.4 to +2.2, 3 seeds); 256: not distinguishable (…)`."""
    title, base = effect_title(effect), level_text(effect, effect.base)
    if effect.synthetic:
        return f"{title}: accuracies on synthetic images are not compared"
    parts, alone = [], []
    for level in effect.others:
        name, interval = level_text(effect, level), level.gain_interval
        if level.gain is None:
            parts.append(f"{name}: no accuracy")
        elif interval is None:
            alone.append(f"{name}: {gain_text(level.gain, None)}")
        elif interval.side == "around":
            parts.append(f"{name}: not distinguishable ({interval_text(interval)})")
        else:
            known = f"95 %: {interval_text(interval)}, {_seeds(effect.base, level)}"
            instead = "" if any(" instead of " in part for part in parts) else f"instead of {base} "
            parts.append(f"{name} {instead}gives {gain_text(level.gain, interval)} points ({known})")
    if alone:
        parts.append(f"in points beside {base} – {', '.join(alone)}; {_ALONE}")
    return f"{title}: {'; '.join(parts)}"


def _seeds(*levels: Level) -> str:
    counts = dict.fromkeys(str(len(level.values)) for level in levels)
    return f"{' and '.join(counts)} seeds"
