"""Talking to a node: transport, SMP codec, typed client."""
