"""What the demonstration tells: names, worries, tasks and how they ended. Everything is invented."""

from __future__ import annotations

GIVEN = (
    "Ayo", "Bilal", "Chloe", "Dara", "Eshan", "Femi", "Gita", "Halim", "Ines", "Jude", "Kofi", "Lena", "Mika",
    "Nadia", "Oscar", "Priya", "Remi", "Sana", "Tariq", "Una",
)  # fmt: skip
FAMILY = (
    "Abara", "Bexwell", "Coker", "Dunmore", "Eaves", "Farooq", "Garrow", "Hallam", "Imani", "Jessop", "Kerrin",
    "Lowe", "Mirza", "Norland", "Okafor",
)  # fmt: skip
CONCERNS = (
    "Came to school hungry and would not say who collects them.",
    "Two new phones in a week and messages late at night.",
    "Missing overnight at the weekend; says they stayed with older friends.",
    "A parent shouted and pushed them at the gate.",
    "Younger sibling says there was fighting at home again.",
    "Seen with a group of adults near the estate stairwell.",
    "Attendance has fallen since half term and mood has changed.",
)
WHY_RATED = {
    "red": "Immediate risk of harm described.",
    "amber": "Several signs together; needs a look today.",
    "green": "A worry, with family and school working together.",
}
FEEDBACK = "Thank you for telling us. What we decided is above; please ring if anything changes."
ROUTES = (
    ("no_further_action", 1, 0.34),
    ("early_help", 2, 0.30),
    ("social_work_assessment", 3, 0.20),
    ("strategy_discussion", 4, 0.06),
)
TASKS = {
    "mace": (
        ("harbourside_police", "Visit the addresses named and report back."),
        ("education_inclusion", "Agree a safe way in and out of school."),
        ("community_health", "Offer a health assessment at a place the child chooses."),
        ("mash", "See the family together with the school."),
    ),
    "marac": (
        ("harbourside_police", "Put a marker on the address and brief response teams."),
        ("housing_providers", "Fit the sanctuary measures; consider a managed move."),
        ("domestic_abuse_service", "Renew the safety plan by the safe means given."),
        ("community_health", "Ask the practice to flag the record."),
    ),
}
ENDINGS = (
    "done", "done", "late", "done", "not_undertaken", "done", "late", "done", "done", "not_undertaken",
    "circumstances_changed", "done",
)  # fmt: skip
"""How actions end, in turn. Enough end badly that what is published of them is not a small number."""
WHY_NOT = {
    "circumstances_changed": "The family moved before the visit.",
    "not_undertaken": "Nobody was free in time; raised with the manager.",
}
RESEARCH = ("Known since the spring; two relevant entries.", "One contact last month, no further detail.", "")
