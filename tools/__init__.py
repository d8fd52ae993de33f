"""What keeps the house in order: run by ``make``, not shipped."""
