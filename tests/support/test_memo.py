from bench.support.memo import cached_by_identity

GOOD = ((5, 0.1), (5, 0.11))


def test_only_the_very_same_tuple_is_remembered():
    asked = []

    @cached_by_identity
    def count(windows):
        asked.append(windows)
        return len(windows)

    windows = list(GOOD)
    assert (count(windows), count(windows)) == (2, 2)
    windows.append((5, 0.1))  # as a clock's list grows
    assert count(windows) == 3
    kept = tuple(windows)
    assert (count(kept), count(kept)) == (3, 3)
    assert len(asked) == 4
    assert all(count(tuple([*GOOD] * n)) == 2 * n for n in range(40_000) if n % 1000 == 1)
