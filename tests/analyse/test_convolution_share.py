"""VGG16 beside the rate of its own convolutions."""

import pytest

from bench.analyse.efficiency import efficiency
from bench.host.hardware import Hardware
from bench.host.measured import Roof
from bench.host.profile import HostProfile
from bench.results.record import Window
from tests.records import changed, make_record

WINDOWS = (Window(1, 1.25), Window(1, 1.25))
HARDWARE = Hardware(kind="cpu", cpu="Xeon", cores=2, memory_bytes=2**33, system="linux")


def host(**rates):
    roofs = {name: Roof(value=value, low=value, high=value, date="2026-01-05", of="x") for name, value in rates.items()}
    return HostProfile(id="box", label="Box", hardware=HARDWARE, roofs=roofs)


def vgg16(**changes):
    return make_record(model="vgg16", windows=WINDOWS, **changes)


def test_the_share_by_hand():
    share = efficiency(vgg16(), host(vgg16_float32=2e11)).convolution_share
    assert share.value == pytest.approx(6 * 313e6 * 128 / 1.25 / 2e11)


def test_each_data_type_has_its_own_rate():
    half = vgg16(options={"precision": "mixed_bfloat16"})
    rates = host(vgg16_float32=2e11, vgg16_bfloat16=4e11)
    assert efficiency(half, rates).convolution_share.value == pytest.approx(6 * 313e6 * 128 / 1.25 / 4e11)
    without = efficiency(half, host(vgg16_float32=2e11)).convolution_share
    assert without.reason == "mixed bfloat16 needs a CPU with avx512_bf16 or amx_bf16; Xeon has neither"


@pytest.mark.parametrize(
    "record",
    [
        make_record(windows=WINDOWS),
        vgg16(batch_size=64),
        vgg16(options={"image_size": 64}),
        changed(vgg16(), ("model", "freeze"), 0.5),
    ],
)
def test_other_convolutions_are_not_set_beside_it(record):
    share = efficiency(record, host(vgg16_float32=2e11)).convolution_share
    assert share.reason == "its convolutions are not those that bench calibrate measures"
