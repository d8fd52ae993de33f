"""What comes in as a file: recordings of other systems, read whole into commands before the first of them is sent."""
