"""The ahead-of-time compiler: a graph in, C with an exact arena out."""
