"""Where people work who hold a seat: the inspector's desk, the office's workbench, applicants' and reviewers' own
pages.
"""
