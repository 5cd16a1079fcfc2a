"""Emulated boards: start, connect, reset, count instructions."""
