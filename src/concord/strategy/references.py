"""Which key of which kind of file must name what. Every cross-reference in a partnership folder is a line here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference may name.

    The names are the keys (or `key`, `code`, ... of list items) found at `path` in files of `kind`; an empty path
    means the names of the files themselves. A target without a kind is known only to the rooms above this one,
    which hand its names to the check; a `codelist` target is in the list's `key` (or `code`) column, or is prose.
    """

    name: str
    kind: str = ""
    path: str = ""
    codelist: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Key path `key` in files of `kind` names one or several of `target`.

    In a file inherited from a base folder a `loose_in_base` reference may name nothing: a national indicator speaks
    of an outcome that this partnership's plan need not have.
    """

    kind: str
    key: str
    target: str
    loose_in_base: bool = False


TARGETS = (
    Target("agency", "partnership", "agencies"),
    Target("sector", "duty", "sectors"),
    Target("board", "board"),
    Target("forum", "forum"),
    Target("pathway", "pathway"),
    Target("instrument", "instrument"),
    Target("agreement", "agreement"),
    Target("feed", "feed"),
    Target("plan", "plan"),
    Target("role", "role", "role"),
    Target("outcome", "plan", "outcomes"),
    Target("action", "plan", "actions"),
    Target("publication", "publication"),
    Target("requirement", "duty", "requirements"),
    Target("service", "service", "services"),
    Target("register entry", "register", "entries"),
    Target("statement", "statement", "statements"),
    Target("indicator", "indicator"),
    Target("language", "phrases"),
    Target("funding stream", "funding", "streams"),
    Target("disclosure rule", "disclosure", "rules"),
    Target("prose block", codelist="prose"),
    Target("legal gateway", codelist="legal_gateways"),
    Target("class of information", codelist="information_classes"),
    Target("finding"),
    Target("predicate"),
)

REFERENCES = (
    Reference("partnership", "lead_body", "board"),
    Reference("partnership", "agencies.*.sector", "sector"),
    Reference("partnership", "agencies.*.part_of", "agency"),
    Reference("partnership", "feed_owners.*", "agency"),
    Reference("partnership", "positions.*.gateway", "legal gateway"),
    Reference("duty", "exchange_items.*.holder", "sector"),
    Reference("duty", "exchange_items.*.feed", "feed"),
    Reference("board", "reports_to", "board"),
    Reference("board", "subgroups", "board"),
    Reference("board", "linked", "board"),
    Reference("board", "members", "agency"),
    Reference("board", "chair", "agency"),
    Reference("plan", "board", "board"),
    Reference("plan", "reasons", "statement"),
    Reference("plan", "outcomes.*.owner", "board"),
    Reference("plan", "actions.*.owner", "agency"),
    Reference("plan", "actions.*.partners", "agency"),
    Reference("plan", "actions.*.outcomes", "outcome"),
    Reference("plan", "actions.*.forums", "forum"),
    Reference("plan", "actions.*.pathways", "pathway"),
    Reference("plan", "actions.*.services", "service"),
    Reference("plan", "actions.*.registers", "register entry"),
    Reference("plan", "actions.*.plans", "plan"),
    Reference("plan", "actions.*.funding", "funding stream"),
    Reference("funding", "streams.*.funder", "agency"),
    Reference("funding", "streams.*.pays_for", "service"),
    Reference("service", "services.*.provider", "agency"),
    Reference("service", "services.*.partners", "agency"),
    Reference("register", "entries.*.owner", "agency"),
    Reference("kept", "owner", "agency", loose_in_base=True),
    Reference("kept", "kept_by", "role"),
    Reference("kept", "read_by", "role"),
    Reference("kept", "about.agreement", "agreement"),
    Reference("kept", "about.gateway", "legal gateway"),
    Reference("forum", "pathway", "pathway"),
    Reference("forum", "agreement", "agreement"),
    Reference("forum", "gateway", "legal gateway"),
    Reference("pathway", "route.*.forum", "forum"),
    Reference("pathway", "agreement", "agreement"),
    Reference("pathway", "gateway", "legal gateway"),
    Reference("instrument", "ground.*.agreement", "agreement"),
    Reference("instrument", "ground.*.gateway", "legal gateway"),
    Reference("instrument", "used_by", "role"),
    Reference("instrument", "judgement.decided_by", "role"),
    Reference("instrument", "judgement.sectors", "sector"),
    Reference("instrument", "judgement.joint.given_by", "role"),
    Reference("instrument", "judgement.joint.sectors", "sector"),
    Reference("instrument", "trigger.*.pathway", "pathway", loose_in_base=True),
    Reference("forum", "threshold.instrument", "instrument"),
    Reference("instrument", "route.*.pathway", "pathway", loose_in_base=True),
    Reference("instrument", "route.*.forum", "forum", loose_in_base=True),
    Reference("agreement", "parties", "agency"),
    Reference("agreement", "gateways", "legal gateway"),
    Reference("agreement", "information", "class of information"),
    Reference("agreement", "feeds", "feed"),
    Reference("agreement", "forums", "forum"),
    Reference("agreement", "pathways", "pathway"),
    Reference("feed", "owner", "agency"),
    Reference("feed", "owner_kind", "sector"),
    Reference("feed", "agreement", "agreement"),
    Reference("feed", "gateway", "legal gateway"),
    Reference("oversight", "emergency.agreement", "agreement"),
    Reference("oversight", "emergency.gateway", "legal gateway"),
    Reference("retention", "category.*.pathway", "pathway", loose_in_base=True),
    Reference("retention", "category.*.forum", "forum", loose_in_base=True),
    Reference("indicator", "finding", "finding"),
    Reference("indicator", "outcome", "outcome", loose_in_base=True),
    Reference("indicator", "owner", "board", loose_in_base=True),
    Reference("indicator", "feeds", "feed", loose_in_base=True),
    Reference("publication", "rule", "disclosure rule"),
    Reference("publication", "sections.*.figures.*.finding", "finding"),
    Reference("publication", "sections.*.prose", "prose block"),
    Reference("publication", "equality", "prose block"),
    Reference("section", "figures.*.finding", "finding"),
    Reference("section", "prose", "prose block"),
    Reference("partnership", "languages", "language"),
    Reference("causes", "factors.*.measured_by", "indicator"),
    Reference("recommendations", "recommendation.*.publication", "publication"),
    Reference("recommendations", "recommendation.*.outcomes", "outcome"),
    Reference("recommendations", "recommendation.*.actions", "action"),
    Reference("recommendations", "recommendation.*.indicators", "indicator"),
    Reference("recommendations", "recommendation.*.board", "board"),
    Reference("duty_evidence", "entry.*.requirement", "requirement"),
    Reference("duty_evidence", "entry.*.by", "agency"),
    Reference("duty_evidence", "consulted.*.authority", "agency"),
    Reference("duty_evidence", "gap.*.requirement", "requirement"),
    Reference("duty_evidence", "gap.*.owner", "agency"),
)

UNIQUE = (
    ("plan", "intentions.*.code"),
    ("plan", "outcomes.*.code"),
    ("plan", "actions.*.code"),
    ("plan", "parts.*.code"),
    ("plan", "number"),
    ("indicator", "code"),
    ("service", "services.*"),
    ("register", "entries.*"),
    ("statement", "statements.*"),
)
"""What only one file of a kind may say. A path that ends in `*` is about the keys themselves."""

ORDERED = (
    ("starts", "ends"),
    ("starts_on", "expires_on"),
    ("starts_on", "review_on"),
    ("valid_from", "valid_to"),
    ("available_from", "available_to"),
    ("from_age", "to_age"),
)
"""Keys of one table whose first value may not lie after its second."""

EXPIRES = (("agreement", "expires_on"),)
"""Keys whose date ends what the file allows: past it, the file is out of force."""

CITED = {
    "indicator": "indicator",
    "statement": "statement",
    "prose": "prose block",
    "agency": "agency",
    "board": "board",
    "forum": "forum",
    "service": "service",
    "outcome": "outcome",
}
"""What prose may cite, as `{{indicator:...}}`, and the target that must hold it."""
