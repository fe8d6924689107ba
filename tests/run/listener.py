"""Hears what a cell says, as a run would."""


class Listener:
    """Keeps every word; `on_stage` are calls to make, with the cell's pid, as a stage is first heard of."""

    def __init__(self, on_stage=None):
        self.words, self.pids, self.ticks, self.on_stage = [], [], 0, on_stage or {}

    def started(self, pid):
        self.pids.append(pid)

    def progress(self, word):
        self.words.append(word)
        if word.stage in self.on_stage:
            self.on_stage.pop(word.stage)(self.pids[0])

    def tick(self):
        self.ticks += 1
