"""What the doctor asks of processes: the TensorFlow that is here, and broken ones; interpreter and loader are real."""

import os
import re
import shutil
import subprocess
from ctypes.util import find_library
from importlib.metadata import version
from pathlib import Path

import pytest

from bench.host.doctor.cuda import library_names
from bench.host.doctor.gpu import gpu_checks
from bench.host.doctor.stack import Build, SeenGpu
from bench.run.stack import ask_stack
from tests.gpu_machines import BUILD, CARD, MODULE, NODES, UBUNTU
from tests.trees import tree

# a TensorFlow that answers without being one, for a CUDA that no machine of today has
HEALTHY = """
import sys
__version__ = "2.21.0"
class sysconfig:
    get_build_info = staticmethod(lambda: {"is_cuda_build": True, "cuda_version": "11.8", "cudnn_version": "8",
                                           "cuda_compute_capabilities": ["sm_70", "compute_90"]})
class config:
    list_physical_devices = staticmethod(lambda kind: [])
"""
KERAS = "__version__ = '3.15.1'\n"
NESTED = '''
raise ImportError("""Traceback (most recent call last):
  File "pywrap_tensorflow.py", line 73, in <module>
ImportError: libtensorflow_cc.so.2: cannot open shared object file: No such file or directory


Failed to load the native TensorFlow runtime.
See https://www.tensorflow.org/install/errors for some common causes and solutions.""")
'''
NO_AVX = """
import os, sys
print("2026-11-20 16:36:02.1: F tensorflow/core/platform/cpu_feature_guard.cc:38] compiled to use AVX", file=sys.stderr)
print("and more of it", file=sys.stderr)
os.abort()
"""
DLOPEN = """
print("W dso_loader.cc:64] Could not load dynamic library 'libcudnn.so.8'; dlerror: no", file=sys.stderr, flush=True)
"""
LIBRARIES = library_names(Build(cuda=True, cuda_version="11.8", cudnn_version="8"))
DIST_INFO = "Metadata-Version: 2.1\nName: {}\nVersion: {}\n"
DRIVER = """
#include <string.h>
int cuInit(unsigned flags) {{ {start} }}
int cuDriverGetVersion(int *version) {{ *version = 12040; return 0; }}
int cuDeviceGetCount(int *count) {{ *count = 2; return 0; }}
int cuDeviceGet(int *device, int index) {{ *device = index; return 0; }}
int cuDeviceGetName(char *name, int size, int device) {{ strncpy(name, "Tesla T4", size); return 0; }}
int cuDeviceTotalMem_v2(size_t *bytes, int device) {{ *bytes = (size_t)1 << 34; return 0; }}
int cuDeviceGetPCIBusId(char *id, int size, int device) {{ strncpy(id, "0000:01:00.0", size); return 0; }}
int cuDeviceGetAttribute(int *value, int which, int device)
{{
    *value = which == 75 ? 7 : which == 76 ? 5 : 40;  /* the compute capability, and whatever else */
    return 0;
}}
"""


def packages(folder, tensorflow=HEALTHY, keras=KERAS, **installed):
    """A folder of packages to be found before all others, and an environment that does so."""
    infos = {f"{n}-{v}.dist-info/METADATA": DIST_INFO.format(n.replace("_", "-"), v) for n, v in installed.items()}
    tree(folder, {"tensorflow/__init__.py": tensorflow, "keras/__init__.py": keras, **infos})
    return {"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """Compiles a shared library of this name from C, in a folder of its own or in `folder`."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("needs a C compiler")

    def make(name, code, *flags, folder=None):
        folder = folder or tmp_path_factory.mktemp("libraries")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "code.c").write_text(code)
        command = [
            compiler,
            "-shared",
            "-fPIC",
            f"-Wl,-soname,{name}",
            str(folder / "code.c"),
            "-o",
            str(folder / name),
        ]
        subprocess.run([*command, *flags], check=True)
        return folder

    return make


def test_the_stack_of_this_machine():
    stack = ask_stack()
    framework = stack.framework
    assert framework.failed is None
    assert framework.keras_failed is None
    assert framework.version == stack.packages["tensorflow"] == version("tensorflow")
    assert framework.keras == stack.packages["keras"] == version("keras")
    assert Path(framework.file).name == "__init__.py"
    assert Path(framework.keras_file).parts[-2:] == ("keras", "__init__.py")
    assert framework.build.architectures
    assert framework.log
    assert {library.name for library in stack.libraries} >= {"libcudart.so.12", "libcudnn.so.9"}
    assert all(library.file or library.error for library in stack.libraries)
    assert any(wanted.startswith("nvidia-cudnn-cu12") for wanted in stack.wanted)
    assert "numpy" not in " ".join(stack.wanted)
    assert (stack.driver.error is None) == (stack.driver.code is not None)
    assert gpu_checks(stack)[0].what == "GPU: device"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        (NESTED, "ImportError: libtensorflow_cc.so.2: cannot open shared object file: No such file or directory"),
        ("import sys; sys.exit(3)", "exit status 3"),
        ("import os; os.kill(os.getpid(), 11)", "killed by SIGSEGV"),
        ("import os; os.kill(os.getpid(), 4)", "killed by SIGILL"),
        (
            NO_AVX,
            "killed by SIGABRT: 2026-11-20 16:36:02.1: F tensorflow/core/platform/cpu_feature_guard.cc:38] compiled",
        ),
    ],
)
def test_a_tensorflow_that_can_not_be_imported(tmp_path, code, reason):
    framework = ask_stack(packages(tmp_path, code)).framework
    assert (framework.version, framework.build, framework.gpus, framework.keras) == (None, None, (), None)
    assert framework.failed.startswith(reason)
    assert framework.file == str(tmp_path / "tensorflow/__init__.py")


def test_a_tensorflow_that_hangs_is_not_waited_for(tmp_path):
    stack = ask_stack(packages(tmp_path, "import time; time.sleep(600)"), timeout_seconds=1)
    assert (stack.framework.failed, stack.framework.late) == ("it gave no answer within 1 s", True)


def test_a_tensorflow_that_breaks_as_it_looks_for_gpus(tmp_path):
    broken = HEALTHY.replace("lambda kind: []", "lambda kind: 1 / 0")
    framework = ask_stack(packages(tmp_path, broken)).framework
    assert framework.version == "2.21.0"
    assert framework.build is not None
    assert framework.failed == "ZeroDivisionError: division by zero"


def test_a_keras_that_can_not_be_imported(tmp_path):
    framework = ask_stack(packages(tmp_path, keras="raise AttributeError('no such thing')")).framework
    assert (framework.version, framework.failed) == ("2.21.0", None)
    assert (framework.keras, framework.keras_failed) == (None, "AttributeError: no such thing")


def test_what_tensorflow_is_and_logs(tmp_path):
    stack = ask_stack(packages(tmp_path, HEALTHY + DLOPEN, tensorflow_cpu="2.19.0", nvidia_cudnn_cu12="9.1.0.70"))
    assert stack.framework.build == Build(
        cuda=True, cuda_version="11.8", cudnn_version="8", architectures=("sm_70", "compute_90")
    )
    assert "Could not load dynamic library 'libcudnn.so.8'" in stack.framework.log[-1]
    assert stack.packages["tensorflow-cpu"] == "2.19.0"
    assert stack.packages["nvidia-cudnn-cu12"] == "9.1.0.70"


def test_missing_libraries_are_named_by_the_real_loader(tmp_path, compiled):
    cudart, cublas, cublas_lt, cufft, _, cusparse, cudnn = LIBRARIES
    compiled(cudart, "int there;", folder=tmp_path / "nvidia/cuda_runtime/lib")
    system = compiled(cublas, "int there;")
    compiled(cublas_lt, "int there;", folder=system)
    compiled(cublas_lt, "int there;", folder=tmp_path / "nvidia/cublas/lib")
    other = compiled("libgone.so.1", "int there;")
    compiled(
        cusparse,
        "int there;",
        f"-L{other}",
        "-Wl,--no-as-needed",
        "-l:libgone.so.1",
        folder=tmp_path / "nvidia/cusparse/lib",
    )
    tree(tmp_path, {f"nvidia/cufft/lib/{cufft}": "half of a download"})
    stack = ask_stack(packages(tmp_path) | {"LD_LIBRARY_PATH": str(system)})
    found = {library.name: library for library in stack.libraries}
    assert list(found) == list(LIBRARIES)
    assert found[cudart].file == str(tmp_path / f"nvidia/cuda_runtime/lib/{cudart}")
    assert (found[cublas].file, found[cublas].instead_of) == (str(system / cublas), None)
    assert found[cublas_lt].file == str(system / cublas_lt)
    assert found[cublas_lt].instead_of == str(tmp_path / f"nvidia/cublas/lib/{cublas_lt}")
    assert found[cusparse].error.startswith("libgone.so.1: cannot open shared object file")
    assert found[cufft].error.startswith(str(tmp_path / f"nvidia/cufft/lib/{cufft}"))
    assert found[cudnn].error.startswith(f"{cudnn}: cannot open shared object file")


@pytest.mark.parametrize(
    ("start", "code", "devices", "failed"),
    [
        ("return 0;", 0, 2, None),
        ("return 803;", 803, None, None),
        ("*(volatile int *)0 = 1; return 0;", None, None, "killed by SIGSEGV"),
    ],
)
def test_the_driver_is_started(tmp_path, compiled, start, code, devices, failed):
    library = compiled("libcuda.so.1", DRIVER.format(start=start))
    driver = ask_stack(packages(tmp_path) | {"LD_LIBRARY_PATH": str(library)}).driver
    assert (driver.code, driver.devices, driver.failed) == (code, devices, failed)
    assert (driver.version, driver.file) == ((None, None) if failed else ("12.4", str(library / "libcuda.so.1")))


def test_a_library_that_kills_is_named(tmp_path, compiled):
    code = "__attribute__((constructor)) static void start(void) { *(volatile int *)0 = 1; }"
    libraries = compiled(LIBRARIES[0], code)
    compiled("libcuda.so.1", DRIVER.format(start="return 0;"), folder=libraries)
    stack = ask_stack(packages(tmp_path) | {"LD_LIBRARY_PATH": str(libraries)})
    assert stack.driver.code == 0
    assert [(library.name, library.error) for library in stack.libraries] == [(LIBRARIES[0], "killed by SIGSEGV")]


def test_from_a_broken_installation_to_the_doctors_word(tmp_path, compiled):
    libraries = compiled("libcuda.so.1", DRIVER.format(start="return 0;"))
    for name in LIBRARIES[:-1]:
        compiled(name, "int there;", folder=libraries)
    stack = ask_stack(packages(tmp_path / "site", HEALTHY + DLOPEN) | {"LD_LIBRARY_PATH": str(libraries)})
    root = tree(tmp_path / "root", {**CARD, **NODES, **MODULE, **UBUNTU})
    broken = {check.what: check for check in gpu_checks(stack, root, {}) if check.state == "broken"}
    assert broken["GPU: CUDA libraries"].found == "can't be loaded: libcudnn.so.8"
    assert "tensorflow[and-cuda]" in broken["GPU: CUDA libraries"].mend
    assert "GPU: TensorFlow" in broken


@pytest.mark.parametrize("libraries", [False, True])
def test_the_libraries_are_those_that_the_real_tensorflow_opens(compiled, libraries):
    """With as much of a driver as it takes for TensorFlow to look for them, and to list a GPU once they are there."""
    if find_library("cuda"):
        pytest.skip("this machine has a driver of its own")
    folder = compiled("libcuda.so.1", DRIVER.format(start="return 0;"))
    compiled("libnvidia-ml.so.1", "int nvmlInit_v2(void) { return 0; }", folder=folder)
    names = library_names(BUILD)
    for name in names if libraries else ():
        compiled(name, "int there;", folder=folder)
    stack = ask_stack({**os.environ, "LD_LIBRARY_PATH": str(folder)})
    refused = set(re.findall(r"Could not load dynamic library '([^']+)'", "\n".join(stack.framework.log)))
    assert refused == {library.name for library in stack.libraries if library.error}
    assert refused == (set() if libraries else set(names))
    assert stack.framework.gpus == ((SeenGpu("Tesla T4", "7.5"),) * 2 if libraries else ())
