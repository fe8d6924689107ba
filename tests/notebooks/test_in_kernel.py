"""What is called in a kernel shows itself in place, and ends with the cell that is interrupted."""

import shutil

from tests.notebooks.kernels import CHECKOUT, kernel_in

SUITE = """\
data: {name: synthetic, shape: [8, 8, 3], classes: 4, images: 400, test_images: 10}
models: {tiny: {network: "tiny_models:dense"}}
batch_sizes: [16]
variants: {notebook: {}, uint8: {pixels: uint8}}
protocol: {precision: 0.9, max_seconds: 0.5, min_windows: 3, min_seconds: 0, warmup_seconds: 0, window_seconds: 0.02}
"""


def test_an_interrupted_cell_keeps_what_was_measured_and_the_next_one_works(tmp_path):
    (tmp_path / "mine.yaml").write_text(SUITE)
    shutil.copy(CHECKOUT / "tests" / "run" / "tiny_models.py", tmp_path)
    with kernel_in(tmp_path) as kernel:
        # its baseline is measured by itself, and then in a round beside the other
        messages = kernel.run("import bench\nbench.run_suite('mine.yaml', until_seconds=600, live=True)", "interleaved")
        framed = [content["data"]["text/html"] for _, content in messages if "iframe" in str(content.get("data"))]
        assert "srcdoc" in framed[0]
        assert "bench: results" in framed[0]
        assert "The run was interrupted. 1 of 2 cells are measured" in framed[-1]
        messages = [(kind, content) for kind, content in messages if "iframe" not in str(content.get("data"))]
        kinds = [kind for kind, _ in messages]
        assert kinds.count("display_data") == 1
        assert kinds.count("update_display_data") > 1
        assert "stream" not in kinds
        outputs = [content for kind, content in messages if "display_data" in kind]
        assert len({content["transient"]["display_id"] for content in outputs}) == 1
        assert "tiny/notebook/b16" in outputs[-1]["data"]["text/html"]
        assert outputs[-1]["data"]["text/plain"].endswith("1/2  ended early")
        (error,) = (content for kind, content in messages if kind == "error")
        assert error["ename"] == "Interrupted"
        (told,) = error["traceback"]
        assert "1 cell kept in " in told
        assert told.endswith("with resume=True it goes on")

        wrong = kernel.run("bench.measure(lambda: 0, 5)")
        (error,) = (content for kind, content in wrong if kind == "error")
        (told,) = error["traceback"]
        assert told.startswith("InputError: data is a int")

        after = kernel.run("bench.read_records()")
        (result,) = (content["data"] for kind, content in after if kind == "execute_result")
        assert result["text/plain"].startswith("<1 record of mine on ")
        assert " ± " in result["text/html"]
