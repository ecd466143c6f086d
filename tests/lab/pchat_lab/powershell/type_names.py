"""Names of .NET types as remoting writes them."""

AUTOMATION = "System.Management.Automation"
_CORE = "mscorlib, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089"
#: As arguments of a generic type.
STRING = f"[System.String, {_CORE}]"
OBJECT = f"[System.Object, {_CORE}]"
INTEGER = f"[System.Int32, {_CORE}]"
