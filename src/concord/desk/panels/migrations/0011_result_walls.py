"""Members read what an assessment came to where their case rests on it, or came with its referral: never the answers."""

from django.db import migrations

POLICY = """
CREATE POLICY instruments_result_of_case ON instruments_result FOR SELECT USING (
  EXISTS (SELECT 1 FROM panels_item i WHERE i.result_id = instruments_result.id)
  OR EXISTS (SELECT 1 FROM instruments_enclosed_in(instruments_result.assessment_id) AS came(contact)
    JOIN panels_item i ON i.contact_id = came.contact));
"""


class Migration(migrations.Migration):
    dependencies = [("panels", "0010_result"), ("instruments", "0005_walls")]
    operations = [migrations.RunSQL(POLICY, "DROP POLICY instruments_result_of_case ON instruments_result")]
