"""Bundles: a team's results in one file, packed for whoever collects them and taken from it with care."""
