"""The page of results while a run goes on: what has changed of it, and the server that tells browsers."""
