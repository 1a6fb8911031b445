"""What somebody had written, put back into the form of a page as it is now."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict

from concord.web.shared import components


def filled(page: HttpResponse, posted: QueryDict, why: str) -> HttpResponse:
    """The page with `posted` in the form that has most of its fields, and `why` above the heading.

    Hidden fields that say which version of a record was read are put back too, so that a colleague's change since then
    is still noticed. A page that has no such form is left as it is.
    """
    from lxml import html  # here: no other request needs it

    tree = html.document_fromstring(page.content.decode(), parser=html.HTMLParser(encoding="utf-8"))
    forms = [each for each in tree.forms if each.get("method", "").lower() == "post"]
    names = set(posted)
    form = max(
        forms, key=lambda each: len(names & {one.get("name") for one in each.iter() if one.get("name")}), default=None
    )
    main = tree.get_element_by_id("main-content", None)
    if form is None or main is None:
        return page
    for element in form.iter("input", "textarea", "select"):
        name = element.get("name")
        if name in posted:
            _fill(element, posted.getlist(name))
        elif element.get("type") in ("checkbox", "radio") and name:
            element.attrib.pop("checked", None)
    notice = components.render("notification-banner", {"text": why, "titleText": "Kept for you"})
    main.insert(0, html.fragment_fromstring(str(notice)))
    page.content = html.tostring(tree, doctype="<!doctype html>", encoding="utf-8")
    return page


def _fill(element: Any, values: list[str]) -> None:
    if element.tag == "textarea":
        element.text = values[0]
    elif element.tag == "select":
        for option in element.iter("option"):
            option.attrib.pop("selected", None)
            if option.get("value") in values:
                option.set("selected", "selected")
    elif element.get("type") in ("checkbox", "radio"):
        element.attrib.pop("checked", None)
        if element.get("value", "on") in values:
            element.set("checked", "checked")
    elif element.get("type") != "password":
        element.set("value", values.pop(0) if values else "")
