"""The application's role may use what is in the database, and nothing in it may be run by just anybody."""

from django.db import migrations

from concord.desk.accounts.grants import revoke_sql, tables_sql

TABLES = ("accounts_user", "accounts_membership")

SETTINGS = """
-- What the application told this transaction (see concord.desk.accounts.session). Empty means nobody is asking.
CREATE FUNCTION concord_said(name text) RETURNS text LANGUAGE sql STABLE AS
  $$ SELECT coalesce(current_setting('concord.' || name, true), '') $$;
CREATE FUNCTION concord_list(name text) RETURNS text[] LANGUAGE sql STABLE AS
  $$ SELECT string_to_array(coalesce(current_setting('concord.' || name, true), ''), ',') $$;
CREATE FUNCTION concord_user() RETURNS uuid LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('concord.user', true), '')::uuid $$;
CREATE FUNCTION concord_at() RETURNS timestamptz LANGUAGE sql STABLE AS
  $$ SELECT coalesce(nullif(current_setting('concord.at', true), '')::timestamptz, now()) $$;
"""
UNDO = """
DROP FUNCTION concord_said(text); DROP FUNCTION concord_list(text);
DROP FUNCTION concord_user(); DROP FUNCTION concord_at();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("sessions", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.RunSQL(tables_sql(*TABLES, "django_session", "django_content_type"), revoke_sql(*TABLES)),
        migrations.RunSQL(SETTINGS, UNDO),
    ]
