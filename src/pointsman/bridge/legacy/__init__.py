"""The first browser SDK (v1), and its capability tokens."""
