"""What may speed up reading, and never decides: where lines begin in the results' files, kept in DuckDB beside them.

The JSON lines stay the truth. An index holds no figure that a table shows, only which lines are needed; these are read
and checked as always. It lies in `results/.index/`, on the same disk as what it is of, in no host's folder, so that it
is no host's result: no pattern that finds results finds it, and git ignores it by a file of its own.
"""
