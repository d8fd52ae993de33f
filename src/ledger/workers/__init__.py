"""What runs unasked: it looks after jobs whose time has come, hands them to workers elsewhere, and does those of its own."""
