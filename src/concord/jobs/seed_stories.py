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
RESEARCH_BY = {
    "police": ("Stopped twice with two older males, 3 and 19 October; no further action either time.",
               "Three calls to the address since August, the last for shouting heard by a neighbour.", ""),
    "health": ("Seen in the emergency department on 12 October with a hand injury; left before treatment.",
               "Registered with the practice; missed the last two appointments.", ""),
    "education": ("Attendance 61% this term, from 93% last year. Leaves at lunch on Thursdays.",
                  "Suspended for two days in October after a fight at the gate.", ""),
    "mash-manager": ("Child in need plan since July. The social worker last saw them at home on 5 November.",
                     "Two earlier contacts this year, both to early help.", ""),
    "housing": ("Joint tenancy; arrears since a partner moved in. The front door was replaced in September.",
                "Transfer asked for in October; the form gives noise as the reason.", ""),
    "idva": ("Engages by text on Tuesdays only. Wants to stay in the flat if the locks are changed.",
             "Two calls returned through the safe number; afraid of what is known about their work.", ""),
}  # fmt: skip
WHY_HEARD = {
    "mace": (
        "Missing twice this term and collected by adults nobody at home knows; school, police and health each hold "
        "a part.",
        "New phones and money, and afraid to say from whom. Several agencies need one plan.",
        "Named in two other children's cases this month; the same address each time.",
    ),
    "marac": (
        "High risk in the referrer's judgement: violence has grown worse since the summer, and home is not safe.",
        "Threats to kill, and the alleged perpetrator is due to be released. Several agencies need one plan.",
    ),
}
RECORDED = {
    "mace": (
        {"exploitation": ["criminal"], "missing": ["missing_linked"], "county_lines": ["suspected"],
         "vulnerability": ["learning_difficulty", "past_abuse"]},
        {"exploitation": ["sexual", "online"], "missing": ["not_missing"], "county_lines": ["no_sign"],
         "vulnerability": ["poor_mental_health"]},
        {"exploitation": ["criminal", "serious_violence"], "missing": ["missing_not_linked"],
         "county_lines": ["suspected"], "vulnerability": ["special_needs", "speech_language"]},
        {"exploitation": ["online"], "missing": ["not_known"], "county_lines": ["not_known"],
         "vulnerability": ["none"]},
    ),
    "marac": ({"characteristic": ["minoritised"]}, {}, {"characteristic": ["disability"]}, {}),
}  # fmt: skip
"""What the forums record of their cases, in turn."""
SENT = {
    "harm_place": "Older boys wait there after school; three pupils were robbed of phones this month.",
    "harm_group": "The same nine leave together every lunch and come back with things they cannot have bought.",
    "harm_online": "Pictures of a pupil were passed round, and two others were asked to send theirs.",
    "harm_outside_home": "Collected from school by older boys nobody at home knows; a burn on the arm unexplained.",
    "engage_custody": "Arrested with a knife on the way to school; says it is for the walk home.",
    "missing_return": "Not home from school. Came back by taxi two nights later and will not say who paid.",
    "police_child_notification": "Out at midnight on the quay with older boys. At home a small child opened the door.",
    "outcome_22": "Criminal damage to a bus shelter with two friends. First offence, owns up to it, family supportive.",
    "turnaround": "Community resolution for shoplifting with older friends; school says mornings are hardest.",
    "youth_triage": "Common assault on another pupil outside school. No injury; both families know.",
    "nrm": "Found by transport police two counties away with cash and two phones; says a man he owes told him to go.",
    "therapeutic_support": "Robbed at knifepoint on the way home. Does not sleep and will not take that bus any more.",
    "transitions": "Lives with carers, has a plan until 18, and older men still drive them home.",
    "community_marac_referral": "Neighbours use the flat to drink and deal; the tenant pays and calls them friends.",
    "high_risk_referral": "Lives alone behind a door that stays shut; burns candles, refuses every visit.",
}
"""What was seen, by the pathway it was sent on."""
