"""Hosts: their table, a page of one, their roofs and calibration."""
