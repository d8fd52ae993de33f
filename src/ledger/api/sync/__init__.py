"""The client protocol over a WebSocket: clients watch queries, and have mutations and actions carried out."""
