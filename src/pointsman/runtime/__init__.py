"""The running router: workspaces in memory, each behind a mailbox that locks, catches up, steps, commits, answers."""
