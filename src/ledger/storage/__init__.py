"""Where bytes are kept: files beside the log, each under the SHA-256 of what is in it, in a folder or in a bucket.

What they are, and who brought them, are facts, and those are the log's.
"""
