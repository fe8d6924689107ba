"""Which tests are slow: they start a process, import TensorFlow, draw many figures or simulate for seconds.

The others are `make test-fast`. `SLOW` names the slow ones by file: all of its tests (None), or functions; what uses
one of `SLOW_FIXTURES` is slow too. Where slow tests are left out, one that starts a process all the same, or imports
TensorFlow or Keras, fails.
"""

import sys
from pathlib import Path

import pytest

SLOW = {
    "analyse/stats/test_ratio.py": ("test_the_interval_covers_the_truth_as_often_as_it_says",),
    "analyse/options/test_effects.py": ("test_chance_seldom_passes_for_an_interaction",),
    "analyse/compare/test_comparison.py": (
        "test_a_slow_down_of_5_percent_is_found_and_no_change_is_not",
        "test_the_whole_of_equal_cells_holds_one_where_two_runs_differ_by_chance",
    ),
    "analyse/speedup/test_standings.py": ("test_equal_variants_are_seldom_marked_and_a_slower_one_is_found",),
    "cli/test_ab.py": (
        "test_bad_input_is_one_clear_line_and_nothing_runs",
        "test_ctrl_c_answers_from_what_there_is_in_words_for_programs",
    ),
    "cli/test_bad_input.py": None,
    "cli/test_common.py": None,
    "cli/test_calibrate.py": ("test_arguments_that_are_wrong",),
    "cli/test_calibrate_extra.py": ("test_roofs_need_no_extra",),
    "cli/test_compare.py": (
        "test_bad_input",
        "test_nothing_heavy_is_imported",
        "test_what_came_since_a_revision",
    ),
    "cli/test_course.py": None,
    "cli/test_describe.py": None,
    "cli/test_devices.py": None,
    "cli/test_doctor.py": (
        "test_a_broken_tensorflow_is_named_with_its_last_words_and_the_rest_is_looked_at",
        "test_commands_of_bench_act_on_the_tree_that_was_looked_at",
        "test_this_machine_is_fit_where_its_tests_run",
        "test_a_python_that_lacks_what_bench_needs",
        "test_a_python_that_lacks_what_the_command_line_itself_needs",
        "test_a_tensorflow_that_hangs_or_dies",
        "test_a_tree_that_is_not_there",
    ),
    "cli/test_hosts.py": (
        "test_a_command_killed_in_the_middle_is_finished_by_the_same_command",
        "test_a_host_is_renamed_and_merged_from_the_command_line",
        "test_listing_imports_nothing_heavy",
    ),
    "cli/test_live.py": ("test_a_port_that_is_taken_ends_it_before_anything_is_run",),
    "cli/test_run.py": None,
    "cli/test_strangers.py": (
        "test_figures_of_a_strangers_results_lie_where_figures_lie",
        "test_verbs_that_read_touch_nothing_that_is_named_in_what_they_read",
        "test_verbs_of_a_course_touch_nothing_either",
    ),
    "cli/test_train.py": None,
    "cli/test_tune.py": (
        "test_bad_input_is_one_clear_line_and_nothing_runs",
        "test_the_best_options_of_a_network_and_the_code",
    ),
    "database/test_query.py": (
        "test_a_question_that_is_wrong_is_told_with_its_place",
        "test_an_answer_is_a_table_with_units_or_csv_or_json",
        "test_bad_input",
        "test_what_is_shown_in_the_guide_can_be_asked",
        "test_what_runs_away_is_ended_with_one_message",
        "test_who_leaves_ends_the_question",
    ),
    "host/test_doctor_folders.py": (
        "test_a_disk_that_is_read_only",
        "test_a_full_disk_and_one_that_is_nearly_full",
        "test_what_the_doctor_said_of_damaged_lines_mends_them_once",
    ),
    "host/test_doctor_machine.py": (
        "test_a_process_that_may_use_one_processor_alone",
        "test_a_shell_that_limits_the_address_space",
        "test_a_small_folder_for_temporary_files",
    ),
    "host/test_fitness.py": ("test_a_real_busy_process_is_named",),
    "host/test_moving.py": ("test_a_kill_at_any_step_loses_nothing_and_the_same_command_finishes",),
    "host/test_names.py": ("test_any_name_gives_an_id_that_can_name_a_file",),
    "host/test_registry.py": ("test_a_host_measured_in_a_checkout_is_no_other_trees",),
    "instruments/test_load.py": ("test_a_real_busy_process_is_foreign_unless_it_is_the_cell",),
    "instruments/test_memory.py": (
        "test_a_small_child_of_a_large_parent_reports_its_own_peak",
        "test_the_resident_peak_counts_memory_that_was_given_back",
    ),
    "instruments/test_sustained.py": ("test_a_repetition_lies_in_the_interval",),
    "notebooks/test_colab.py": ("test_it_runs_from_the_doctor_to_the_archive",),
    "notebooks/test_in_kernel.py": None,
    "report/export/test_latex.py": ("test_pdflatex_takes_it_with_whatever_a_record_names",),
    "report/export/test_pytest_benchmark.py": ("test_its_own_command_compares_two_of_them",),
    "report/test_figures.py": None,
    "report/html/test_framed.py": None,
    "report/html/test_live.py": None,
    "report/html/test_page.py": None,
    "report/tune/test_script.py": (
        "test_everything_at_once",
        "test_images_of_another_size_and_no_prefetch",
        "test_images_on_the_device_are_fed_by_their_places",
        "test_the_notebooks_own_options",
        "test_uint8_pixels_are_scaled_in_the_model",
        "test_a_model_and_a_pipeline_of_ones_own",
    ),
    "report/test_report_verb.py": ("test_only_what_is_needed_is_imported",),
    "report/test_write_files.py": (
        "test_a_full_standard_output_is_told_in_one_line",
        "test_a_pipe_in_the_reports_place_is_left_and_the_tables_are_printed",
    ),
    "results/test_git.py": None,
    "results/test_journal.py": (
        "test_a_killed_writer_costs_no_record_that_it_had_kept",
        "test_a_write_that_fails_half_way_leaves_the_file_as_it_was",
        "test_an_append_waits_for_the_lock",
        "test_several_processes_append_at_once",
    ),
    "results/test_moved.py": (
        "test_a_run_at_work_meanwhile_loses_nothing",
        "test_where_the_disk_refuses_nothing_is_lost_and_the_same_again_goes_on",
    ),
    "results/test_sides.py": (
        "test_a_damaged_line_of_a_revision_is_named",
        "test_a_file_and_a_tree_have_revisions_too",
        "test_a_machine_without_git",
        "test_a_tree_without_a_repository",
        "test_bad_revisions",
        "test_git_revisions_of_a_tree_in_a_subfolder",
        "test_versions_of_records",
    ),
    "results/test_strange_repository.py": None,
    "results/test_writable.py": ("test_a_disk_without_room",),
    "run/calibration/test_ai_score.py": ("test_what_cannot_be_imported_is_told_with_what_to_install",),
    "run/cell/test_loops.py": None,
    "run/cluster/test_cluster.py": None,
    "run/cluster/test_slurm.py": ("test_the_job_starts_a_node_each_runs_the_suite_there_and_ends",),
    "run/calibration/test_calibrate.py": (
        "test_a_machine_that_variables_change_is_not_calibrated",
        "test_each_roof_of_this_machine_is_kept_in_its_profile_and_told_to_programs",
    ),
    "run/cluster/test_verbs.py": None,
    "run/test_again.py": ("test_a_cell_is_trained_again",),
    "run/test_checks.py": ("test_a_debugger_sees_what_it_raises_in_its_cell",),
    "run/test_daemons.py": None,
    "run/process/test_executors.py": None,
    "run/test_faults.py": None,
    "run/process/test_forkserver.py": None,
    "run/process/test_huge_pages.py": ("test_a_servers_children_have_it",),
    "run/interleaved/test_pairs.py": (
        "test_a_true_slow_down_of_five_percent_is_found_by_95_of_100",
        "test_equal_cells_are_called_unequal_by_five_in_a_hundred_at_most",
        "test_the_same_from_windows_that_drift",
    ),
    "run/calibration/test_roofs.py": ("test_a_process_that_says_nothing_is_given_up_with_the_reason",),
    "run/process/test_scratch.py": ("test_what_killed_runs_left_is_removed_and_told_of_and_what_is_held_stays",),
    "run/test_given_suite.py": ("test_the_best_options_of_what_is_given",),
    "run/test_own_pipelines.py": None,
    "run/test_stack.py": None,
    "suite/test_load.py": ("test_a_broken_cnn_yaml_is_said_where_a_bare_name_leads_there",),
    "suite/test_names.py": (
        "test_the_networks_are_those_that_keras_offers",
        "test_the_networks_of_the_house_take_these_arguments",
    ),
    "suite/test_optimizers.py": ("test_the_optimizers_and_their_arguments_are_those_that_keras_offers",),
    "suite/test_suite_import.py": ("test_nothing_heavy_is_imported",),
    "suite/test_yamlfile.py": ("test_a_file_that_may_not_be_read",),
    "support/test_side_by_side.py": None,
    "test_confined.py": None,
    "test_docs.py": (
        "test_code_that_is_shown_runs",
        "test_commands_exist",
        "test_every_verb_of_the_readme_is_there_and_no_other",
        "test_the_site_is_built_without_a_warning",
        "test_the_table_of_hosts_is_what_the_command_prints",
        "test_tables_are_what_records_and_profiles_give",
        "test_the_page_of_results_is_what_they_give",
    ),
    "support/test_files.py": ("test_what_cannot_be_written_leaves_all_as_it_was",),
    "test_house.py": (
        "test_imports_go_down_the_floors_and_only_the_workload_imports_tensorflow",
        "test_every_package_is_in_the_wheel",
        "test_no_verb_that_only_reads_imports_tensorflow",
    ),
    "test_installing.py": None,
    "support/test_exception_text.py": None,
    "support/test_partial_files.py": ("test_a_killed_writers_file_is_removed_and_told_of_and_a_live_ones_stays",),
    "test_warm.py": None,
    "run/test_live_model.py": None,
    "test_api.py": ("test_a_suite_is_measured_and_kept", "test_importing_it_imports_nothing_of_weight"),
    "testing/test_replay.py": ("test_a_whole_suite_comes_back_window_by_window_without_tensorflow",),
    "workload/data/test_doctor.py": ("test_what_a_run_would_refuse_is_broken_and_is_first_moved_away",),
    "workload/data/test_loading.py": ("test_data_sets_need_neither_tensorflow_nor_keras",),
    "workload/data/test_synthetic.py": ("test_a_cnn_learns_the_classes_and_a_linear_model_does_not",),
    "workload/test_ai_benchmark.py": None,
    "workload/test_architecture.py": None,
    "workload/test_augment.py": None,
    "workload/test_checkpoint.py": None,
    "workload/test_own_pipeline.py": None,
    "workload/test_saved_model.py": None,
    "workload/test_legacy_keras.py": None,
    "workload/test_macs.py": None,
    "workload/test_networks.py": None,
    "workload/test_pipeline.py": None,
    "workload/test_effective_execution.py": None,
    "workload/test_replication.py": None,
    "workload/test_roofs.py": None,
    "workload/test_rules.py": None,
    "workload/test_runtime.py": None,
    "workload/test_trainer.py": None,
    "workload/test_training.py": None,
    "workload/test_weights_file.py": None,
}
SLOW_FIXTURES = frozenset({"executor", "nvml_standin", "offline", "pytester", "reported"})

_LEFT_OUT = "not slow"
_STARTS = frozenset({"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "os.exec"})
_FRAMEWORKS = frozenset({"tensorflow", "keras", "tf_keras"})
_caught = []
_watching = False


def pytest_configure(config):
    config.addinivalue_line("markers", "long: takes ten seconds or more; no part of `make test`")
    config.addinivalue_line("markers", "slow: starts a process or imports TensorFlow; see tests/fast.py")
    if config.option.markexpr == _LEFT_OUT:
        sys.addaudithook(_watch)


def pytest_ignore_collect(collection_path, config):
    """What is slow as a whole may import TensorFlow as it is collected."""
    if config.option.markexpr == _LEFT_OUT and _functions(collection_path) is None:
        return True
    return None


def pytest_collection_modifyitems(items):
    for item in items:
        functions = _functions(item.path)
        named = functions is None or getattr(item, "originalname", item.name) in functions
        if named or SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    """From the making of its fixtures on."""
    global _watching
    _watching = item.config.option.markexpr == _LEFT_OUT
    yield
    _watching = False


@pytest.fixture(autouse=True)
def _nothing_slow():
    yield
    caught = [*_caught]
    _caught.clear()
    assert not caught, f"it is slow, and tests/fast.py doesn't say so: {', '.join(caught)}"


def _functions(path):
    """The functions of the file at `path` that are slow, None: all of them."""
    tests = Path(__file__).parent
    return SLOW.get(str(path.relative_to(tests)), ()) if path.is_relative_to(tests) else ()


def _watch(event, args):
    if not _watching:
        return
    # Python itself asks uname once for the processor's name, in whichever test is first
    if event in _STARTS and args[:1] != ("uname",):
        _caught.append(f"{event} {args[:2]}")
    elif event == "import" and args[0].partition(".")[0] in _FRAMEWORKS:
        _caught.append(f"import {args[0]}")
