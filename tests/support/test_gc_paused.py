import gc

from bench.support.gc_paused import gc_paused


def test_the_collector_is_as_it_was():
    assert gc.isenabled()
    with gc_paused():
        with gc_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_an_embedding_program_froze_stays_frozen():
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with gc_paused():
            pass
        assert gc.get_freeze_count() == frozen > 0
    finally:
        gc.unfreeze()


def test_what_was_made_meanwhile_is_old():
    with gc_paused():
        made = [[] for _ in range(2_000)]
    young = {id(one) for one in gc.get_objects(generation=0)}
    assert not young & {id(one) for one in made}
