"""The auditor: the rules of routing a second time, slow and obvious, written from the spec pages and not from the
engine, of which it knows the entities, commands, events, refusals and limits alone (a test reads its imports).

`language` and `configuration` read texts, `books` holds what is true now, the `rules_…` modules say what must come
next and why, and `auditor` compares that with what came.
"""
