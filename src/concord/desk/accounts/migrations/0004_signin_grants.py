"""The application signs people in: it may use the tables of sign-in, its own and those of allauth."""

from django.db import migrations

from concord.desk.accounts.grants import revoke_sql, tables_sql

OURS = ("accounts_signinguard", "accounts_invitation")
THEIRS = (
    "mfa_authenticator",
    "account_emailaddress",
    "account_emailconfirmation",
    "socialaccount_socialaccount",
    "socialaccount_socialapp",
    "socialaccount_socialtoken",
)
SEQUENCES = """
DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'concord_app') THEN
  EXECUTE 'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO concord_app';
END IF; END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_signin"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]
    operations = [
        migrations.RunSQL(tables_sql(*OURS, *THEIRS), revoke_sql(*OURS, *THEIRS)),
        migrations.RunSQL(SEQUENCES, migrations.RunSQL.noop),
    ]
