"""What is rare in the trail, found without walking it: anything but a consultation, and one person's lines."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_reading")]
    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                condition=~Q(operation="consultation"), fields=["operation", "-at", "id"], name="audit_operation"
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent", index=models.Index(fields=["username", "-at"], name="audit_username")
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                condition=Q(operation="disclosure"), fields=["agreement", "-at"], name="audit_agreement"
            ),
        ),
    ]
