"""What cells gave: records, the journal that keeps them, and the metrics that read them."""
