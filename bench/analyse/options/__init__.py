"""What each option of a variant gives, alone and together with others, and when it pays back."""
