"""T-SQL itself: from the text over names and types to rows; statements, procedures, views and
functions register here.
"""
