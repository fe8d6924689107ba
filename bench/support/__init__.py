"""Small helpers without any knowledge of benchmarks. Imports nothing of the other rooms."""
