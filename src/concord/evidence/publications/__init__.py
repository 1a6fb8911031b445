"""Publications: releases in, accessible pages and documents out. Nothing here can see a finding."""

from __future__ import annotations

from concord.evidence.publications.render import Published, render

__all__ = ["Published", "render"]
