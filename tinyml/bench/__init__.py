"""What a model costs on a board, and whether it is right there."""
