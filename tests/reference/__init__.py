"""The pages of `docs/reference`, made from the declarations: pure functions from them to text."""
