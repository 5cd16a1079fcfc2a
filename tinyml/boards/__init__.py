"""Boards as data: one TOML a board."""
