"""Answers that go on: Server-Sent Events of a session's entries and of live questions, and whole histories as NDJSON."""
