"""The HTTP function API: every function by its name, as the clients of the live protocol call it."""
