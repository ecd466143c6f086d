"""SQL Server Agent: jobs, schedules, history, and what the steps of jobs do."""
