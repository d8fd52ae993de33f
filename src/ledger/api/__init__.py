"""The web door: the contract's functions on their routes, health, the check of keys, and the guard against hostile pages."""
