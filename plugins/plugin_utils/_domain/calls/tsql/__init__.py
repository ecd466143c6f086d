"""T-SQL: a file for each object that it is about. FOR INTERNAL COLLECTION USE ONLY.

text            one clause a line in the source, one line a batch on the wire; a batch that reads
quote           names, texts, paths and addresses inside T-SQL; what is legal where
guard           a batch that changes something: its guard, its steps, the tests between them
catalog         reads: the instance, its services, logins, endpoint, databases and files
history         reads: backups and restores, as msdb remembers them
backup_files    reads: folders and files of backups, and what their headers tell
content         reads: tables, how many rows they have and how new those are
probes          reads: what fidelity.yml asks of a server
access          parts: who may be in a database
mirroring       writes: endpoints and sessions
backup          writes: full, log, and the tail that stops a copy
restore         writes: fulls and logs onto a copy, and its end; parts: where a copy stands
recovery        writes: a copy put to work, and opened
salvage         a kept backup opened beside the pool: reads and writes
log_shipping    both ends of log shipping: reads and writes
agent           jobs of SQL Server Agent, their schedules and runs: reads and writes
intent          the records of the collection on an instance: reads and writes

What a statement returns stands beside it as a shape (``DatabaseRow`` beside ``databases``).
"""
