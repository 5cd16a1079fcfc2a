"""Collecting records from nodes into a store."""
