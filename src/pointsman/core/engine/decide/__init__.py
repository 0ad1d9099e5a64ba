"""What each command does: one module a family. Each function reads the state, may refuse before its first event, and
yields events; whoever runs it applies each before asking for the next."""
