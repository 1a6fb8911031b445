"""SQL by which a migration lets the application's role reach its tables. Without that role, it does nothing."""

from __future__ import annotations

APP = "concord_app"
"""The role that pages and jobs sign in as. It owns nothing."""


def _where_the_role_exists(*statements: str) -> str:
    body = " ".join(f"EXECUTE $sql${statement}$sql$;" for statement in statements)
    return f"DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP}') THEN {body} END IF; END $$;"


def tables_sql(*tables: str, verbs: str = "SELECT, INSERT, UPDATE, DELETE") -> str:
    return _where_the_role_exists(*(f"GRANT {verbs} ON {table} TO {APP}" for table in tables))


def revoke_sql(*tables: str) -> str:
    return _where_the_role_exists(*(f"REVOKE ALL ON {table} FROM {APP}" for table in tables))


def run_sql(function: str) -> str:
    """Only the application's role may run a function that sees past row-level security."""
    return f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC;" + _where_the_role_exists(
        f"GRANT EXECUTE ON FUNCTION {function} TO {APP}"
    )


def security_sql(table: str, *, read: str, insert: str, update: str = "", delete: str = "") -> str:
    """Row-level security for one table: a policy for each verb. A verb without one is refused to everybody."""
    policies = [
        f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({read})",
        f"CREATE POLICY {table}_insert ON {table} FOR INSERT WITH CHECK ({insert})",
    ]
    if update:
        policies.append(f"CREATE POLICY {table}_update ON {table} FOR UPDATE USING ({update}) WITH CHECK ({update})")
    if delete:
        policies.append(f"CREATE POLICY {table}_delete ON {table} FOR DELETE USING ({delete})")
    return f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\n" + ";\n".join(policies) + ";"


def no_security_sql(table: str) -> str:
    return (
        "".join(f"DROP POLICY IF EXISTS {table}_{verb} ON {table};" for verb in ("read", "insert", "update", "delete"))
        + f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
    )
