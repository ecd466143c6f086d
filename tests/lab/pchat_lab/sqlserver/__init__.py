"""A small SQL Server: T-SQL, databases and logs, mirroring, log shipping, SQL Server Agent."""
