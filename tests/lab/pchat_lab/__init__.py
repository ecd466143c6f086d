"""The lab: a simulated Lync / SQL Server estate behind real WinRM and PSRP.

It is written from Microsoft's documentation and recorded traffic, never from the collection's
plugins, and shares no code with them: the contract between the two is the wire, the documented
cmdlets, and T-SQL.
"""
