"""What can be seen in a picture, and made of one: text, sharpness, frames of a video, a sheet of stills.

Bytes in, measures or bytes out: nothing here knows a ledger. Each library is an extra, and what needs one says which.
"""
