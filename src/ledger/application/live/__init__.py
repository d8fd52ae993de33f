"""Live queries: answers that are kept, renewed when what they were made of has changed, and pushed by the doors.

A query that many callers watch is asked once. After the views have come further, only those are asked again that the new
entries concern, all of them in one snapshot, so that whoever watches several sees them move together.
"""
