"""Models for TFLite Micro and the ecosystems that carry it."""
