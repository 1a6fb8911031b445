"""Every address of the screens, room by room."""

from __future__ import annotations

from django.urls import path

from concord.web.audit import views as audit
from concord.web.proofread import views as proofread
from concord.web.publications import views as publications
from concord.web.shared import views as shared
from concord.web.signin import views as signin
from concord.web.strategy import views as strategy

urlpatterns = [
    path("", signin.start, name="start"),
    path("sign-in/", signin.sign_in, name="sign-in"),
    path("sign-out/", signin.sign_out, name="sign-out"),
    path("stay/", signin.stay, name="stay"),
    path("signed-out/", signin.session_ended, name="session-ended"),
    path("help-now/", shared.help_now, name="help-now"),
    path("strategy/", strategy.strategy, name="strategy"),
    path("strategy/open-questions/", strategy.open_questions, name="open-questions"),
    path("strategy/definition/", strategy.definition, name="definition"),
    path("strategy/<slug:key>/", strategy.theme, name="theme"),
    path("published/", publications.published, name="published"),
    path("published/<path:address>", publications.published_file, name="published-file"),
    path("figures/", publications.figure_search, name="figure-search"),
    path("figures/<str:code>/", publications.figure, name="figure"),
    path("proofread/", proofread.draft, name="proofread"),
    path("who-looked/", audit.who_looked, name="who-looked"),
    path("who-looked/<slug:object_type>/<str:reference>/", audit.one_record, name="who-looked-one"),
]
