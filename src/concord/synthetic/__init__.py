"""Harbourside: an invented borough, its people and what its agencies write down, from a seed."""

from concord.synthetic.cast import Member, Story
from concord.synthetic.generate import Generated, generate
from concord.synthetic.population import Population, people

__all__ = ["Generated", "Member", "Population", "Story", "generate", "people"]
