"""Two stored sides joined cell by cell and compared, and the gate against regressions."""
