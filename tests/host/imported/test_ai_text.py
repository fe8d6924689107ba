from pathlib import Path

import pytest

from bench.errors import InputError
from bench.host.imported.ai_text import is_ai_text, read_ai_text
from tests.ai_lines import ai_tests
from tests.host.imported.printed import CPU, printed

FILE = Path("theirs.txt")


def read(text):
    return read_ai_text(text, FILE)


def faults(text):
    with pytest.raises(InputError) as raised:
        read(text)
    return [str(fault) for fault in raised.value.faults]


def test_all_that_a_run_prints_is_read():
    found = read(printed())
    about = found.published
    assert (about.ai_score, about.inference_score, about.training_score) == (14_248, 7000, 7248)
    assert (about.gpu_name, about.cpu) == ("Tesla T4", CPU)
    assert about.software == {"tensorflow": "2.15.0", "platform": "Linux-6.1-x86_64", "cuda": "12.2"}
    assert about.source == "imported from theirs.txt, not measured by us"
    assert about.times == ()
    tests = ai_tests("full")
    assert len(about.milliseconds) == len(tests)
    assert about.milliseconds["MobileNet-V2 inference 50×224×224"] == 11
    assert about.milliseconds["MobileNet-V2 training 50×224×224"] == 12
    assert (found.id, found.label("x")) == ("imported-t4", "T4 (imported)")


@pytest.mark.parametrize(
    ("which", "score"), [("inference", (7000, None)), ("training", (None, 7248)), ("micro", (None, None))]
)
def test_a_half_has_its_score_and_no_ai_score(which, score):
    about = read(printed(which)).published
    assert (about.inference_score, about.training_score) == score
    assert about.ai_score is None


def test_a_terminal_without_the_sign_and_one_that_mangled_it():
    text = printed()
    whole = read(text).published.milliseconds
    for sign in ("ms, std:", "Â±", "?", "\ufffd"):
        assert read(text.replace("±", sign)).published.milliseconds == whole


def test_a_pasted_notebook_has_other_lines_between():
    text = "In [1]: x\n" + printed().replace("\n", "\r\n2024-01-01 00:00:00.1: I tensorflow/core] hello\r\n")
    assert read(text).published == read(printed()).published


def test_a_processor_and_one_of_several_gpus():
    alone = read(printed(gpus=()))
    assert (alone.published.gpu_name, alone.id) == (None, "imported-cpu-intel-xeon")
    several = read(printed(gpus=("NVIDIA A100-SXM4-40GB", "NVIDIA L4")))
    assert (several.id, several.published.gpu_name) == ("imported-a100", "NVIDIA A100-SXM4-40GB")
    assert "NVIDIA L4: AI Benchmark computes on the first GPU alone" in several.left


@pytest.mark.parametrize(
    ("change", "said", "there"),
    [
        (lambda text: text.replace("Score: 14248", "Score: 14249"), "14,249 is not the sum of its parts", "Device AI"),
        (lambda text: text.replace("Score: 7248", "Score: seven"), "the Training score is seven", "seven"),
        (lambda text: text.replace("Score: 7248", "Score: -7248"), "the Training score is -7248", "-7248"),
        (lambda text: text.replace("Score: 7248", "Score: " + "9" * 5000), "the Training score is 9999", "9999"),
        (
            lambda text: text.replace("Score: 7248", "Score: \x1b]0;x\x07"),
            r"the Training score is \x1b]0;x\x07",
            "Device Training",
        ),
        (lambda text: text.replace("11.0 ±", "lots ±", 1), "the time of test 1.1 can't be read", "lots"),
        (lambda text: text + text, "another run begins here", ">>   AI-Bench"),
        (lambda text: text[: text.index("Device Inference")], "holds no `Device … Score:`", ""),
        (lambda text: text + "Device AI Score: 20000\n", "a second AI score", "20000"),
    ],
)
def test_what_is_damaged_is_named_with_its_line(change, said, there):
    text = change(printed())
    found = faults(text)
    assert any(said in fault for fault in found), found
    assert all(fault.startswith("theirs.txt:") for fault in found)
    place = next(fault for fault in found if said in fault).split(":")[1]
    assert place == " holds no `Device … Score" or there in text.splitlines()[int(place) - 1]


def test_a_file_of_nothing_but_faults_or_tests_is_told_in_a_few_lines():
    assert len(faults("Device AI Score: none\n" * 100_000)) == 20
    many = "".join(f"1.1 - inference | batch={size}, size=8x8: 5.0 ± 0.1 ms\n" for size in range(1, 200))
    assert faults(f"{many}{printed(times=False)}")[0].startswith("theirs.txt:100: this is the 100th test")


def test_other_text_is_none():
    assert not is_ai_text("\n" * 10**6 + ">> " * 10**5)
    assert not is_ai_text("a recipe: 1. flour\n2. water | batch=2\n")
    assert is_ai_text("Device AI Score: 1\n")
