"""Where facts are kept: an append-only log, durable before it is acknowledged.

A session is a stream; its entries have a gapless sequence, and every entry a dense position in its shard.
"""
