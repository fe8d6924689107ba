"""The machine as its kernel and driver tell of it: /proc, NVML, CUDA_VISIBLE_DEVICES."""
