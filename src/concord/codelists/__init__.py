"""National lists with dates: what each code means, when it held, and who says so."""

from concord.codelists.lists import CodeList, Entry, crosswalk, get, names
from concord.codelists.offences import offence_groups, possible_groups

__all__ = ["CodeList", "Entry", "crosswalk", "get", "names", "offence_groups", "possible_groups"]
