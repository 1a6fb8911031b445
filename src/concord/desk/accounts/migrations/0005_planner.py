"""How the planner is to judge this database: many short questions, pages mostly in memory.

Compiling a statement takes longer than any of ours runs. A random page costs about what the next one does. Where the
tables' owner does not own the database, whoever does sets it (docs/how-to); nothing depends on it but speed.
"""

from django.db import migrations

JUDGE = """
DO $$ BEGIN
  EXECUTE format('ALTER DATABASE %I SET jit = off', current_database());
  EXECUTE format('ALTER DATABASE %I SET random_page_cost = 1.1', current_database());
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'not the owner of the database: jit and random_page_cost stay as they are';
END $$;
"""
UNDO = """
DO $$ BEGIN
  EXECUTE format('ALTER DATABASE %I RESET jit', current_database());
  EXECUTE format('ALTER DATABASE %I RESET random_page_cost', current_database());
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_signin_grants")]
    operations = [migrations.RunSQL(JUDGE, UNDO)]
