"""A small SQL Server: parser, interpreter, databases and logs, mirroring, log shipping, SQL Agent."""
