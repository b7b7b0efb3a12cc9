"""What inspectors ask, by one call over HTTP and one on the command line, with exports that carry their own
question.
"""
