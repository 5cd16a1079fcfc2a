"""The data catalogue: fetching, reading, windowing and splitting data without leakage."""
