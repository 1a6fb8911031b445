"""Assessments: beginning one, a page for each part, the check, the decision, the result and its history."""
