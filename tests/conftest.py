"""What holds for every test."""

import signal

# A shell ignores Ctrl-C for what it starts in the background, and its children inherit that: tests
# that interrupt a program would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)
