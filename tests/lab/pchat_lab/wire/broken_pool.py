"""Why an endpoint cannot open its sessions, as its pool tells the client."""

from __future__ import annotations

from psrpcore.types import ErrorCategory, ErrorCategoryInfo, ErrorRecord, NETException


def refusal_record(why: str) -> ErrorRecord:
    """A module of ModulesToImport that is not there (about_Session_Configuration_Files)."""
    kind = "System.Management.Automation.Runspaces.RunspaceOpenModuleLoadException"
    exception = NETException(Message=f"Errors occurred while loading the module: {why}")
    exception.PSObject.type_names = [kind, "System.Exception", "System.Object"]
    category = ErrorCategoryInfo(Category=ErrorCategory.OpenError, Reason=kind.rpartition(".")[2])
    return ErrorRecord(
        Exception=exception,
        CategoryInfo=category,
        TargetObject=None,
        FullyQualifiedErrorId="ErrorLoadingModulesOnRunspaceOpen",
    )
