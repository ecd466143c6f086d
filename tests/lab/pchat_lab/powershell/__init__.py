"""Cmdlet registry, parameter binding, objects and errors, as PowerShell shows them."""
