"""Which rule is tested where: rows that name tests, and tests that cite rows. A test holds the two together."""
