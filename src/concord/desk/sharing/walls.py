"""The policy text by which a personal table leans on its shares. Used by the migrations of the rooms above."""

from __future__ import annotations

HERE = "partnership = (SELECT concord_said('partnership'))"


def shared(kind: str, key: str, level: str = "full") -> str:
    """A row is there where `key` names something of `kind` shared with the viewer. Shares hide themselves
    (see the policy on sharing_grant), so this need not repeat who, when, for what or under which agreement."""
    return (  # names of our own, never a value somebody typed
        f"EXISTS (SELECT 1 FROM sharing_grant g WHERE g.subject_id = {key} AND g.subject_kind = '{kind}'"  # noqa: S608
        f" AND g.level = '{level}')"
    )


def reached(kind: str, key: str) -> str:
    """As `shared`, as one call: a statement over many rows is planned and run faster so (see 0006 of this room)."""
    return f"sharing_reaches('{kind}', {key}) IS NOT NULL"


def alter_sql(table: str, condition: str) -> str:
    """Another condition for which rows of a table are there, and which of them may be changed."""
    return (
        f"ALTER POLICY {table}_read ON {table} USING ({condition});"
        f"ALTER POLICY {table}_update ON {table} USING ({condition}) WITH CHECK ({condition});"
    )


def with_parent(parent: str, key: str) -> str:
    """A row is there where the row it belongs to is."""
    return f"EXISTS (SELECT 1 FROM {parent} parent WHERE parent.id = {key})"  # noqa: S608
