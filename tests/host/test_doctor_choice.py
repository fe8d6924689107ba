"""What the doctor says of a CUDA_VISIBLE_DEVICES that CUDA reads otherwise than one may think."""

import pytest

from bench.host.doctor.stack import SeenGpu
from tests.gpu_machines import HEALTHY, Bad, Machine, answers, card, judge, nvml, starts

VISIBLE, SEEN = "GPU: CUDA_VISIBLE_DEVICES", "GPU: TensorFlow"
BEGINNINGS = card().replace("GPU-01111111", "GPU-11111111"), card(1)
EACH = "export CUDA_VISIBLE_DEVICES=0  # 0 is Tesla T4, 1 is Tesla T4"


def machine(value, found, mend=EACH, state="broken"):
    broken = state == "broken"
    return Machine(
        Bad(VISIBLE, found, mend, state) if found else None,
        nvml=nvml(*BEGINNINGS),
        environ={"CUDA_VISIBLE_DEVICES": value},
        stack=starts(100) if broken else HEALTHY,
        also=(SEEN,) if broken else (),
    )


FIRST, SECOND = "GPU-11111111-aaaa-bbbb-cccc-000000000000", "GPU-11111111-aaaa-bbbb-cccc-000000000001"
MACHINES = {
    "twice": machine("0,0", "'0,0' names a GPU twice ('0'), and CUDA then shows none"),
    "twice, written otherwise": machine("1, 01", "'1, 01' names a GPU twice ('01'), and CUDA then shows none"),
    "a beginning of two": machine(
        "GPU-1", f"'GPU-1': 'GPU-1' is the beginning of {FIRST} and of {SECOND}, and CUDA shows none"
    ),
    "a beginning of two after one": machine(
        f"{SECOND},GPU-1",
        f"'GPU-1' is the beginning of {FIRST} and of {SECOND}, and ends the list; Tesla T4 is left",
        "export CUDA_VISIBLE_DEVICES=0,1",
        "limited",
    ),
    "a word of another variable": machine("all", "'all' names no GPU that is here"),
    "an index before a UUID": machine(
        f"1,{FIRST}", f"'{FIRST}' is not of the first entry's kind, index or UUID, and ends the list", "=0,1", "limited"
    ),
    "digits and more": machine("1x", "", state="fine"),
    "both": Machine(
        nvml=nvml(*BEGINNINGS),
        environ={"CUDA_VISIBLE_DEVICES": "+1, 00"},
        stack=answers(HEALTHY, gpus=(SeenGpu("Tesla T4", "7.5"),) * 2),
    ),
}


@pytest.mark.parametrize("name", MACHINES)
def test_a_value_is_judged_as_cuda_reads_it(examined, name):
    judge(MACHINES[name], examined[name])
