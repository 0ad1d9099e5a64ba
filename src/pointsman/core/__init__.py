"""The rules of routing: pure, without clock, IO or randomness.

Read `types`, then `events` and `commands`, then `engine/step`.
"""
