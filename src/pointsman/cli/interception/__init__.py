"""What leads unmodified programs here: variables, a forward proxy, and hooks for Node and Python."""
