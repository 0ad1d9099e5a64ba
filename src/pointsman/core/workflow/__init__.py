"""Workflow configurations: what they say (`rules`), and where a task goes by them (`path`)."""
