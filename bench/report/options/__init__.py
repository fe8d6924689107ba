"""What each option gives: on against off, break-even, pairs."""
