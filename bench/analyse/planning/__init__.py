"""What a training will take, and what can be trained within a budget: from records, published times and profiles."""
