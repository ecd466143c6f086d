"""SQL Server's errors, by number.

Numbers and meanings: Microsoft's lists of engine errors; texts are the documented ones.
"""

from __future__ import annotations

import dataclasses
import typing as t


class SqlError(Exception):
    """Severity 11 and above, as the server would raise it.

    Several may follow each other (the cause, then 3013 or 5069).
    """

    def __init__(
        self,
        number: int,
        message: str,
        severity: int = 16,
        state: int = 1,
        *,
        also: SqlError | None = None,
    ) -> None:
        super().__init__(message)
        self.number = number
        self.message = message
        self.severity = severity
        self.state = state
        self.also = also  # the general error that follows the cause in the same failure
        self.line = 0  # of the statement, set by the batch
        self.procedure: str | None = None
        self.statement = (
            0  # which of the statements that the batch ran it is of, from 1; 0: none ran
        )
        self.fetching = False  # it came while rows were being sent

    def all(self) -> list[SqlError]:
        """The cause first, then what follows it."""
        return [self, *(self.also.all() if self.also else [])]

    def followed_by(self, error: SqlError) -> SqlError:
        """The same failure with one more general error at its end."""
        self.all()[-1].also = error
        return self


class ConnectionFailed(Exception):
    """No session could be opened: the server is not there, or refused the login.

    ``number`` is SqlException's (2, 53, 18456, 4060 ...).
    """

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number
        self.message = message


@dataclasses.dataclass(frozen=True)
class MessageText:
    severity: int
    text: str  # {} for each argument


#: sys.messages as far as the lab raises it. Other files add theirs with ``declare``.
MESSAGES: dict[int, MessageText] = {}


def declare(texts: dict[int, tuple[int, str]]) -> None:
    """Add messages: number -> (severity, text with {} per argument).

    A number with two texts is a programming error.
    """
    for number, (severity, text) in texts.items():
        new = MessageText(severity, text)
        assert MESSAGES.setdefault(number, new) == new, number


def error(number: int, *args: t.Any, state: int = 1, also: SqlError | None = None) -> SqlError:
    """The declared error with its arguments filled in."""
    text = MESSAGES[number]
    return SqlError(number, text.text.format(*args), text.severity, state, also=also)


declare(
    {
        # language
        102: (15, "Incorrect syntax near '{}'."),
        134: (
            15,
            "The variable name '{}' has already been declared. Variable names must be unique "
            "within a query batch or stored procedure.",
        ),
        137: (15, 'Must declare the scalar variable "{}".'),
        1013: (
            16,
            'The objects "{0}" and "{0}" in the FROM clause have the same exposed names. Use '
            "correlation names to distinguish them.",
        ),
        1087: (15, 'Must declare the table variable "{}".'),
        108: (
            16,
            "The ORDER BY position number {} is out of range of the number of items in the select "
            "list.",
        ),
        141: (
            15,
            "A SELECT statement that assigns a value to a variable must not be combined with "
            "data-retrieval operations.",
        ),
        147: (
            15,
            "An aggregate may not appear in the WHERE clause unless it is in a subquery contained "
            "in a HAVING clause or a select list, "
            "and the column being aggregated is an outer reference.",
        ),
        156: (15, "Incorrect syntax near the keyword '{}'."),
        174: (15, "The {} function requires {} argument(s)."),
        178: (15, "A RETURN statement with a return value cannot be used in this context."),
        189: (15, "The {} function requires {} to {} arguments."),
        195: (15, "'{}' is not a recognized built-in function name."),
        201: (16, "Procedure or function '{}' expects parameter '{}', which was not supplied."),
        205: (
            16,
            "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal "
            "number of expressions in their target lists.",
        ),
        206: (16, "Operand type clash: {} is incompatible with {}"),
        207: (16, "Invalid column name '{}'."),
        208: (16, "Invalid object name '{}'."),
        209: (16, "Ambiguous column name '{}'."),
        213: (16, "Column name or number of supplied values does not match table definition."),
        220: (16, "Arithmetic overflow error for data type {}, value = {}."),
        241: (16, "Conversion failed when converting date and/or time from character string."),
        243: (16, "Type {} is not a defined system type."),
        245: (16, "Conversion failed when converting the {} value '{}' to data type {}."),
        266: (
            16,
            "Transaction count after EXECUTE indicates a mismatching number of BEGIN and COMMIT "
            "statements. "
            "Previous count = {}, current count = {}.",
        ),
        281: (16, "{} is not a valid style number when converting from {} to a character string."),
        402: (16, "The data types {} and {} are incompatible in the {} operator."),
        512: (
            16,
            "Subquery returned more than 1 value. This is not permitted when the subquery follows "
            "=, !=, <, <= , >, >= or when the subquery "
            "is used as an expression.",
        ),
        515: (
            16,
            "Cannot insert the value NULL into column '{}', table '{}'; column does not allow "
            "nulls. {} fails.",
        ),
        536: (16, "Invalid length parameter passed to the {} function."),
        537: (16, "Invalid length parameter passed to the LEFT or SUBSTRING function."),
        2627: (
            14,
            "Violation of PRIMARY KEY constraint '{}'. Cannot insert duplicate key in object '{}'. "
            "The duplicate key value is ({}).",
        ),
        2705: (
            16,
            "Column names in each table must be unique. Column name '{}' in table '{}' is "
            "specified more than once.",
        ),
        2714: (16, "There is already an object named '{}' in the database."),
        2715: (16, "Column, parameter, or variable #{}: Cannot find data type {}."),
        2732: (
            16,
            "Error number {} is invalid. The number must be from 13000 through 2147483647 and it "
            "cannot be 50000.",
        ),
        2754: (
            16,
            "Error severity levels greater than 18 can only be specified by members of the "
            "sysadmin role, using the WITH LOG option.",
        ),
        2812: (16, "Could not find stored procedure '{}'."),
        3701: (
            11,
            "Cannot {} the {} '{}', because it does not exist or you do not have permission.",
        ),
        3902: (16, "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION."),
        3903: (16, "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION."),
        4104: (16, 'The multi-part identifier "{}" could not be bound.'),
        4108: (15, "Windowed functions can only appear in the SELECT or ORDER BY clauses."),
        8101: (
            16,
            "An explicit value for the identity column in table '{}' can only be specified when a "
            "column list is used and IDENTITY_INSERT is ON.",
        ),
        8102: (16, "Cannot update identity column '{}'."),
        8114: (16, "Error converting data type {} to {}."),
        8115: (16, "Arithmetic overflow error converting {} to data type {}."),
        8120: (
            16,
            "Column '{}' is invalid in the select list because it is not contained in either an "
            "aggregate function or the GROUP BY clause.",
        ),
        8134: (16, "Divide by zero error encountered."),
        8144: (16, "Procedure or function {} has too many arguments specified."),
        8145: (16, "{} is not a parameter for procedure {}."),
        8162: (
            16,
            'The formal parameter "{}" was not declared as an OUTPUT parameter, but the actual '
            "parameter passed in requested output.",
        ),
        8152: (16, "String or binary data would be truncated."),
        8155: (16, "No column name was specified for column {} of '{}'."),
        8164: (16, "An INSERT EXEC statement cannot be nested."),
        8169: (
            16,
            "Conversion failed when converting from a character string to uniqueidentifier.",
        ),
        10704: (
            15,
            "To rethrow an error, a THROW statement must be used inside a CATCH block. Insert the "
            "THROW statement inside a CATCH block, "
            "or add error parameters to the THROW statement.",
        ),
        # rights
        229: (14, "The {} permission was denied on the object '{}', database '{}', schema '{}'."),
        262: (14, "{} permission denied in database '{}'."),
        297: (16, "The user does not have permission to perform this action."),
        300: (14, "{} permission was denied on object '{}', database '{}'."),
        916: (
            14,
            'The server principal "{}" is not able to access the database "{}" under the current '
            "security context.",
        ),
        15151: (
            16,
            "Cannot {} the {} '{}', because it does not exist or you do not have permission.",
        ),
        15247: (16, "User does not have permission to perform this action."),
        # databases
        226: (16, "{} statement not allowed within multi-statement transaction."),
        574: (16, "{} statement cannot be used inside a user transaction."),
        911: (16, "Database '{}' does not exist. Make sure that the name is entered correctly."),
        922: (14, "Database '{}' is being recovered. Waiting until recovery is finished."),
        924: (14, "Database '{}' is already open and can only have one user at a time."),
        926: (
            14,
            "Database '{}' cannot be opened. It has been marked SUSPECT by recovery. See the SQL "
            "Server errorlog for more information.",
        ),
        927: (14, "Database '{}' cannot be opened. It is in the middle of a restore."),
        942: (14, "Database '{}' cannot be opened because it is offline."),
        945: (
            14,
            "Database '{}' cannot be opened due to inaccessible files or insufficient memory or "
            "disk space. "
            "See the SQL Server errorlog for details.",
        ),
        9002: (17, "The transaction log for database '{}' is full due to '{}'."),
        1801: (16, "Database '{}' already exists. Choose a different database name."),
        1802: (
            16,
            "CREATE DATABASE failed. Some file names listed could not be created. Check related "
            "errors.",
        ),
        1807: (17, "Could not obtain exclusive lock on database '{}'. Retry the operation later."),
        1834: (16, "The file '{}' cannot be overwritten.  It is being used by database '{}'."),
        1844: (16, "{} is not supported on {}."),
        3702: (16, 'Cannot drop database "{}" because it is currently in use.'),
        3708: (16, "Cannot {} the database '{}' because it is a system database."),
        3743: (
            16,
            "The database '{}' is enabled for database mirroring. Database mirroring must be "
            "removed before you drop the database.",
        ),
        3906: (16, 'Failed to update database "{}" because the database is read-only.'),
        5011: (
            14,
            "User does not have permission to alter database '{}', the database does not exist, or "
            "the database is not in a state that "
            "allows access checks.",
        ),
        5052: (16, "{} is not permitted while a database is in the {} state."),
        5058: (16, "Option '{}' cannot be set in database '{}'."),
        5061: (
            16,
            "ALTER DATABASE failed because a lock could not be placed on database '{}'. Try again "
            "later.",
        ),
        5064: (
            16,
            "Changes to the state or options of database '{}' cannot be made at this time. The "
            "database is in single-user mode, "
            "and a user is currently connected to it.",
        ),
        5069: (16, "ALTER DATABASE statement failed."),
        5070: (
            16,
            "Database state cannot be changed while other users are using the database '{}'",
        ),
        5133: (16, 'Directory lookup for the file "{}" failed with the operating system error {}.'),
        5170: (
            16,
            "Cannot create file '{}' because it already exists. Change the file path or the file "
            "name, and retry the operation.",
        ),
        6104: (16, "Cannot use KILL to kill your own process."),
        6106: (16, "Process ID {} is not an active process ID."),
        6107: (14, "Only user processes can be killed."),
        # principals
        15007: (16, "'{}' is not a valid login or you do not have permission."),
        15023: (16, "User, group, or role '{}' already exists in the current database."),
        15025: (16, "The server principal '{}' already exists."),
        15118: (
            16,
            "Password validation failed. The password does not meet the operating system policy "
            "requirements because it is not complex enough.",
        ),
        15141: (16, "The server principal owns a {} and cannot be dropped."),
        15173: (
            16,
            "Server principal '{}' has granted one or more permission(s). Revoke the permission(s) "
            "before dropping the server principal.",
        ),
        15174: (
            16,
            "Login '{}' owns one or more database(s). Change the owner of the database(s) before "
            "dropping the login.",
        ),
        15401: (16, "Windows NT user or group '{}' not found. Check the name again."),
        15405: (11, "Cannot use the special principal '{}'."),
        15407: (
            11,
            "'{}' is not a valid Windows NT name. Give the complete name: <domain\\username>.",
        ),
        15434: (16, "Could not drop login '{}' as the user is currently logged in."),
        33020: (16, "A HASHED password cannot be set for a login that has CHECK_POLICY turned on."),
    }
)
