#!/usr/bin/env bash
# Ray Tune 2.60.0 and Optuna 5.0.0: a trial whose loss is NaN from the first report on is to be stopped first of all, one
# would guess. Ray's ASHAScheduler never stops one, and gives it all of its time, while it stops good trials that are
# slightly behind; nor does Optuna's WilcoxonPruner, whose other pruners stop it at once.
# Seen, as reports out of 8: "ASHA: good 8, behind 1, NaN 8, far behind 1", "SuccessiveHalvingPruner: NaN 1, far behind 1",
# "MedianPruner: NaN 1, far behind 1", "WilcoxonPruner: NaN 8, far behind 4".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet 'ray[tune]==2.60.0' optuna==5.0.0 scipy
cat >tuners.py <<'PYTHON'
import optuna
from ray.tune.schedulers import ASHAScheduler, TrialScheduler

REPORTS = 8
GOOD, BEHIND = (lambda step: 1 / step), (lambda step: 1.1 / step)
NAN, FAR = (lambda step: float("nan")), (lambda step: 1e9)


class Trial:
    def __init__(self, trial_id):
        self.trial_id = trial_id


def by_ray():
    asha = ASHAScheduler("step", "loss", "min", max_t=REPORTS, grace_period=1, reduction_factor=2)

    def reports(loss):
        trial = Trial(repr(loss))
        asha.on_trial_add(None, trial)
        for step in range(1, REPORTS + 1):
            if asha.on_trial_result(None, trial, {"step": step, "loss": loss(step)}) == TrialScheduler.STOP:
                break
        return step

    return [reports(loss) for loss in (GOOD, BEHIND, NAN, FAR)]


def by_optuna(pruner):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0), pruner=pruner)

    def reports(loss):
        trial = study.ask()
        for step in range(1, REPORTS + 1):
            trial.report(loss(step), step)
            if trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                return step
        if loss is NAN:  # which is refused as a value
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        else:
            study.tell(trial, loss(step))
        return step

    for _ in range(3):
        reports(GOOD)
    return reports(NAN), reports(FAR)


optuna.logging.set_verbosity(optuna.logging.ERROR)
print("ASHA: good {}, behind {}, NaN {}, far behind {}".format(*by_ray()))
for pruner in (
    optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=2),
    optuna.pruners.MedianPruner(n_startup_trials=2),
    optuna.pruners.WilcoxonPruner(),
):
    print("{}: NaN {}, far behind {}".format(type(pruner).__name__, *by_optuna(pruner)))
PYTHON
venv/bin/python -W ignore tuners.py 2>/dev/null | tee said
grep -q '^ASHA: .*behind 1, NaN 8' said && grep -q '^SuccessiveHalvingPruner: NaN 1,' said &&
    grep -q '^WilcoxonPruner: NaN 8, far behind [1-7]$' said
