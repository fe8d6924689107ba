"""Answers to SQL, and what can be asked."""
