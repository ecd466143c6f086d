"""Log shipping: what msdb knows of it, its procedures, views and jobs."""
