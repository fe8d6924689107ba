import pytest

from bench.host.cgroup import cpu_quota, memory_limit
from tests.trees import tree


def test_version_2_takes_the_tightest_limit_on_the_way_up(tmp_path):
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "0::/a/b\n",
            "sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
            "sys/fs/cgroup/a/cpu.max": "150000 100000\n",
            "sys/fs/cgroup/cpu.max": "400000 100000\n",
            "sys/fs/cgroup/a/b/memory.max": "8589934592\n",
            "sys/fs/cgroup/a/memory.max": "max\n",
        },
    )
    assert cpu_quota(root) == 1.5
    assert memory_limit(root) == 8 * 2**30


def test_version_1_has_a_folder_for_each_controller(tmp_path):
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "4:memory:/job\n1:cpu,cpuacct:/job\n0::/\n",
            "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us": "200000\n",
            "sys/fs/cgroup/cpu/job/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "1073741824\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        },
    )
    assert cpu_quota(root) == 2.0
    assert memory_limit(root) == 2**30


def test_a_group_outside_of_the_namespace_leaves_what_is_mounted(tmp_path):
    files = {"proc/self/cgroup": "0::/../../x\n", "sys/fs/cgroup/cpu.max": "50000 100000\n", "sys/cpu.max": "1 100\n"}
    assert cpu_quota(tree(tmp_path, files)) == 0.5


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"proc/self/cgroup": "0::/\n"},
        {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000", "sys/fs/cgroup/memory.max": "max"},
        {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "nonsense", "sys/fs/cgroup/memory.max": ""},
    ],
)
def test_no_limit(tmp_path, files):
    root = tree(tmp_path, files)
    assert cpu_quota(root) is None
    assert memory_limit(root) is None
