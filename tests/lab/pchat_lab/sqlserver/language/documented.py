"""Names that belong to SQL Server itself: where the lab lacks one it says so, instead of answering
as if no server had it (2812, 208).
"""

from __future__ import annotations

import re

#: System procedures of master and msdb, by how their names begin (System Stored Procedures
#: reference).
_PROCEDURE = re.compile(r"(sp|xp|fn)_[a-z]", re.IGNORECASE)
#: Catalog views, dynamic management views and the tables of msdb that are documented, by how their
#: names begin (System Views; System Tables).
_VIEW_NAMES = """
    dm_ all_ server_ database_ sql_ sys xml_ column_ fulltext_ service_ partition_
    availability_ resource_governor_ trace_ crypt_ extended_ master_ configurations$
    databases$ objects$ tables$ views$ columns$ types$ schemas$ indexes$ stats$ triggers$
    events$ messages$ backup_devices$ credentials$ certificates$ key_encryptions$
    linked_logins$ remote_logins$ conversation transmission_queue$ routes$ synonyms$
    procedures$ parameters$ filegroups$ allocation_units$ internal_tables$ login_token$
    user_token$ asymmetric_keys$ symmetric_keys$ data_spaces$ destination_data_spaces$
    securable_classes$ http_endpoints$ soap_endpoints$ via_endpoints$
"""
_VIEW = re.compile("|".join(_VIEW_NAMES.split()), re.IGNORECASE)
_MSDB = re.compile(
    r"(sys|log_shipping_|dbm_|backup|restore|suspect_pages$|logmarkhistory$)", re.IGNORECASE
)


def is_documented(name: str, schema: str, database: str) -> bool:
    """Whether a name is, or may well be, an object of the server itself."""
    if _PROCEDURE.match(name):
        return True
    if schema.lower() == "sys":
        return bool(_VIEW.match(name))
    return database.lower() == "msdb" and schema.lower() == "dbo" and bool(_MSDB.match(name))
