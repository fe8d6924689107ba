"""The statistics of processes and their step times: ratios, intervals, and what equal processes differ by."""
