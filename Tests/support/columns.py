"""The columns of a database's tables as they can be changed by whom they belong to."""

import re
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Column:
    table: str
    name: str
    type: str
    collation: str
    nullable: bool
    default: str  # as it is written in a definition; None for no default
    extra: str
    comment: str

    @property
    def full_name(self) -> str:
        return f"{self.table}.{self.name}"

    @property
    def base(self) -> str:
        return re.match(r"\w+", self.type)[0]

    @property
    def length(self) -> int:
        return int(re.search(r"\((\d+)\)", self.type)[1])

    def changed(self, **changes) -> "Column":
        return replace(self, **changes)

    def definition(self) -> str:
        return " ".join(part for part in [
            f"`{self.name}`", self.type, f"COLLATE {self.collation}" if self.collation else "",
            "NULL" if self.nullable else "NOT NULL", f"DEFAULT {self.default}" if self.default else "",
            self.extra, f"COMMENT '{self.comment}'"] if part)


def columns(database) -> list:
    """Every column of every table, in the tables' order."""
    return [
        Column(row["TABLE_NAME"], row["COLUMN_NAME"], row["COLUMN_TYPE"], row["COLLATION_NAME"],
               row["IS_NULLABLE"] == "YES", row["COLUMN_DEFAULT"], row["EXTRA"], row["COLUMN_COMMENT"])
        for row in database.rows("SELECT * FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
                                 " ORDER BY TABLE_NAME, ORDINAL_POSITION")
    ]


def keys_with(database, column: Column) -> list:
    """The names of the table's keys that the column is in."""
    return [row["INDEX_NAME"] for row in database.rows(
        "SELECT INDEX_NAME FROM information_schema.STATISTICS"
        " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s AND COLUMN_NAME = %s", column.table, column.name)]


def alter(database, changed: list):
    """Gives columns the definitions, all those of a table at once; of two columns that a foreign key joins, to both."""
    foreign = _foreign_keys(database) if any("int" in column.base for column in changed) else []
    with database.connect().cursor() as cursor:
        cursor.execute("SET foreign_key_checks = 0, explicit_defaults_for_timestamp = 1")
        for key in foreign:
            cursor.execute(f"ALTER TABLE {key['table']} DROP FOREIGN KEY {key['name']}")
        for table in sorted({column.table for column in changed}):
            clauses = [f"MODIFY {column.definition()}" for column in changed if column.table == table]
            cursor.execute(f"ALTER TABLE {table} {', '.join(clauses)}")
        for key in foreign:
            cursor.execute(f"ALTER TABLE {key['table']} ADD CONSTRAINT {key['name']} FOREIGN KEY ({key['column']})"
                           f" REFERENCES {key['parent']} (id) ON DELETE CASCADE")


def _foreign_keys(database) -> list:
    return database.rows(
        "SELECT TABLE_NAME AS `table`, CONSTRAINT_NAME AS name, COLUMN_NAME AS `column`,"
        " REFERENCED_TABLE_NAME AS parent FROM information_schema.KEY_COLUMN_USAGE"
        " WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL")


# What the platform may make of a column: the column as it is then, or None where it does not apply.


def widened(column):
    if column.base == "varchar":
        return column.changed(type=f"varchar({min(4 * column.length, 700)})")
    if column.base == "enum":
        return column.changed(type=column.type[:-1] + ",'something_that_the_platform_has_added')")
    wider = {"text": "longtext", "int": "bigint(20)"}.get(column.base)
    return column.changed(type=wider) if wider else None


def nullable(column):
    return None if column.nullable or column.extra else column.changed(nullable=True)


def with_another_default(column):
    # A row with another value than NULL in these is deleted, and belongs to an order.
    if column.extra == "auto_increment" or "text" in column.base or column.name in ("deleted_at", "related_order_id"):
        return None
    values = {"enum": column.type[:-1].split(",")[-1], "varchar": "'x'", "timestamp": "'2001-01-01 00:00:00'",
              "date": "'2001-01-01'"}
    return column.changed(default=values.get(column.base, "7"))


def without_default(column):
    return column.changed(default=None, extra="") if column.default else None


def commented(column):
    return column.changed(comment="as the platform wants it")


def collated(collation):
    return lambda column: column.changed(collation=collation) if column.collation else None


def unsigned(column):
    return column.changed(type=column.type + " unsigned") if "int" in column.base else None


def of_four_bytes(column):
    return column.changed(type="int(11)") if column.base == "bigint" else None


def a_datetime(column):
    return column.changed(type=column.type.replace("timestamp", "datetime")) if column.base == "timestamp" else None


def finer(column):
    return column.changed(type="timestamp(6)", default=_finer(column.default), extra=_finer(column.extra)) \
        if column.base == "timestamp" else None


def _finer(text):
    return text and re.sub(r"current_timestamp\(\d?\)", "current_timestamp(6)", text)


def narrower(column):
    if column.base == "varchar":
        return column.changed(type=f"varchar({column.length // 2})")
    if column.base == "enum":
        values = column.type[:-1].split(",")
        return column.changed(type=",".join(values[:1]) + ")", default=values[0][5:] if column.default else None)
    smaller = {"text": "varchar(1000)", "int": "tinyint(4)"}.get(column.base)
    return column.changed(type=smaller) if smaller else None
