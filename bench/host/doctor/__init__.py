"""What is wrong with this machine or its software, and how to mend it."""
