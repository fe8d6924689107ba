"""What a training's settings do to accuracy, seeds together."""
