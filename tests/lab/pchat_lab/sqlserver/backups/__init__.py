"""BACKUP and RESTORE, the media that they write and read, and their history in msdb."""
