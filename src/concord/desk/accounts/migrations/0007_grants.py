"""The application keeps forms and marks of visits: both tables are its own to use."""

from django.db import migrations

from concord.desk.accounts.grants import revoke_sql, tables_sql

TABLES = ("accounts_keptform", "accounts_visit")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_kept_forms_and_visits")]
    operations = [migrations.RunSQL(tables_sql(*TABLES), revoke_sql(*TABLES))]
