""".tflite files as typed, checked graphs, and the oracle that evaluates them like TFLite Micro."""
