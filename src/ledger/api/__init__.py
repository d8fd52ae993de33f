"""The web door: the contract's functions on their routes, health, and the guard that keeps a keyless server safe."""
