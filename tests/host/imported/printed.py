"""What AI Benchmark prints, by its own functions, which are taken from its file without importing TensorFlow."""

import ast
import contextlib
import io
import types

from tests.ai_lines import ai_tests, package

_FUNCTIONS = {"printIntro", "printTestInfo", "printTestResults", "printScores"}
CPU = "Intel(R) Xeon(R) CPU @ 2.20GHz"


def printed(which="full", *, gpus=("Tesla T4",), scores=(7000, 7248), times=True):
    """A run of one of its sets on a machine with these GPUs, every test taking as many ms as it is of them."""
    tree = ast.parse((package() / "utils.py").read_text())
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in _FUNCTIONS]
    inference, training = (score / 10_000 + 1e-9 for score in scores)
    results = types.SimpleNamespace(results_inference_norm=inference, results_training_norm=training)
    words = {"update_info": lambda *_: None, "geometrical_mean": lambda norm: norm}
    exec(compile(tree, "utils.py", "exec"), words)  # the package's own words
    info = types.SimpleNamespace(
        tf_version="2.15.0", platform_info="Linux-6.1-x86_64", cpu_model=CPU, cpu_ram="13", is_cpu_inference=not gpus,
        gpu_devices=[(name, "14.7") for name in gpus], cuda_version="12.2", cuda_build="V12.2.140",
        _type=which, results=results, verbose_level=1,
    )  # fmt: skip
    tests = ai_tests(which)
    networks = dict.fromkeys((test.network, test.name) for test in tests)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        words["printIntro"]()
        words["printTestInfo"](info)
        for network, name in networks if times else ():
            out.write(f"\n{network}/{len(networks)}. {name}\n\n")
            for place, test in enumerate((test for test in tests if test.network == network), 1):
                prefix = f"{network}.{place} - {test.part:9}".replace("inference ", "inference")
                words["printTestResults"](prefix, test.shape[0], test.shape, float(network * 10 + place), 1.5, 1)
        words["printScores"](info, types.SimpleNamespace())
    return out.getvalue()
