"""A screening with every question answered, for tests of the instruments."""

SIGNS = [
    "missing", "associates", "substances", "gifts", "education", "online", "home", "health", "sexual_health", "travel",
    "offending", "victimisation",
]  # fmt: skip
SCREENED = {
    "seen": "Two phones.",
    **dict.fromkeys(SIGNS, "not_known"),
    "gifts": "present",
    "others": "no",
    "protective": ["school"],
    "child_knows": "knows",
}
