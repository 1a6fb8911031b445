"""Every address of the screens, room by room."""

from __future__ import annotations

from django.urls import include, path

from concord.web.accounts import views as accounts
from concord.web.actions import views as actions
from concord.web.agreements import views as agreements
from concord.web.audit import views as audit
from concord.web.editions import deciding, screening, sections
from concord.web.editions import views as editions
from concord.web.emergency import views as emergency
from concord.web.feeds import sending
from concord.web.feeds import views as feeds
from concord.web.instruments import deciding as judging
from concord.web.instruments import views as instruments
from concord.web.links import views as links
from concord.web.panels import agenda, items
from concord.web.panels import views as panels
from concord.web.people import joining
from concord.web.people import views as people
from concord.web.proofread import views as proofread
from concord.web.publications import views as publications
from concord.web.records import views as records
from concord.web.referrals import keeping, open_forms, sessions, stepping, tray
from concord.web.referrals import views as referrals
from concord.web.registers import views as registers
from concord.web.releases import views as releases
from concord.web.shared import views as shared
from concord.web.signin import views as signin
from concord.web.strategy import views as strategy
from concord.web.today import views as today

urlpatterns = [
    path("", signin.start, name="start"),
    path("sign-in/", signin.sign_in, name="sign-in"),
    path("sign-out/", signin.sign_out, name="sign-out"),
    path("stay/", signin.stay, name="stay"),
    path("signed-out/", signin.session_ended, name="session-ended"),
    path("help-now/", shared.help_now, name="help-now"),
    path("referrals/", referrals.mine, name="referrals"),
    path("referrals/new/", referrals.new, name="referral-new"),
    path("referrals/new/<slug:pathway>/", referrals.resume, name="referral-resume"),
    path("referrals/new/<slug:pathway>/check/", referrals.check, name="referral-check"),
    path("referrals/new/<slug:pathway>/<slug:key>/", referrals.step, name="referral-step"),
    path("referrals/<uuid:referral_id>/", referrals.status, name="referral"),
    path("contacts/", tray.contacts, name="contacts"),
    path("contacts/<uuid:contact_id>/", tray.contact, name="contact"),
    path("contacts/<uuid:contact_id>/rate/", tray.rate, name="contact-rate"),
    path("contacts/<uuid:contact_id>/ask/", tray.ask, name="contact-ask"),
    path("contacts/<uuid:contact_id>/checks/<uuid:check_id>/", tray.answer, name="contact-answer"),
    path("contacts/<uuid:contact_id>/people/<uuid:party_id>/", tray.identify, name="contact-identify"),
    path("contacts/<uuid:contact_id>/decide/", tray.decide, name="contact-decide"),
    path("contacts/<uuid:contact_id>/connection/", keeping.connection, name="contact-connection"),
    path("contacts/<uuid:contact_id>/restrict/", keeping.restrict, name="contact-restrict"),
    path("contacts/<uuid:contact_id>/name/<uuid:party_id>/", stepping.name, name="contact-name"),
    path("contacts/<uuid:contact_id>/step/<slug:verb>/", stepping.move, name="contact-move"),
    path("subjects/", stepping.subjects, name="subjects"),
    path("subjects/<uuid:subject_id>/", stepping.subject, name="subject"),
    path("subjects/<uuid:subject_id>/plans/<uuid:plan_id>/", stepping.result, name="subject-result"),
    path("report/<slug:pathway>/", open_forms.report, name="report"),
    path("report/<slug:pathway>/resume/", open_forms.resume, name="report-resume"),
    path("report/<slug:pathway>/sent/", open_forms.sent, name="report-sent"),
    path("sessions/", sessions.sessions, name="sessions"),
    path("sessions/deliver/", sessions.deliver, name="session-deliver"),
    path("sessions/worker.js", sessions.worker, name="session-worker"),
    path("emergency/", emergency.emergency, name="emergency"),
    path("emergency/reviews/", emergency.reviews, name="emergency-reviews"),
    path("emergency/reviews/<uuid:entry>/", emergency.review, name="emergency-review"),
    path("today/", today.today, name="today"),
    path("people/find/", joining.find, name="person-find"),
    path("people/compare/", joining.compare, name="person-compare"),
    path("people/<uuid:person_id>/", people.person, name="person"),
    path("assessments/", instruments.mine, name="assessments"),
    path("assessments/new/<slug:key>/", instruments.begin, name="assessment-begin"),
    path("assessments/<uuid:assessment_id>/", instruments.assessment, name="assessment"),
    path("assessments/<uuid:assessment_id>/parts/<slug:key>/", instruments.section, name="assessment-section"),
    path("assessments/<uuid:assessment_id>/check/", instruments.check, name="assessment-check"),
    path("assessments/<uuid:assessment_id>/resume/", instruments.resume, name="assessment-resume"),
    path("assessments/<uuid:assessment_id>/decide/", judging.decide, name="assessment-decide"),
    path("assessments/<uuid:assessment_id>/result/", judging.result, name="assessment-result"),
    path("assessments/<uuid:assessment_id>/history/", judging.history, name="assessment-history"),
    path("assessments/<uuid:assessment_id>/compare/", judging.compare, name="assessment-compare"),
    path("assessments/<uuid:assessment_id>/hand-over/", judging.hand_over, name="assessment-hand-over"),
    path("assessments/<uuid:assessment_id>/stop/", judging.stop, name="assessment-stop"),
    path("assessments/<uuid:assessment_id>/answers/<str:address>/", judging.amend, name="assessment-amend"),
    path("instruments/<slug:key>/", instruments.transparency, name="instrument"),
    path("people/<uuid:person_id>/needs/", people.needs, name="person-needs"),
    path("people/<uuid:person_id>/names/", people.alias, name="person-alias"),
    path("people/<uuid:kept>/merge/<uuid:other>/", joining.merge, name="person-merge"),
    path("people/<uuid:person_id>/merges/<uuid:merge_id>/", joining.unmerge, name="person-unmerge"),
    path("links/", links.links, name="links"),
    path("links/<uuid:pair_id>/", links.pair, name="link-pair"),
    path("forums/<slug:key>/", panels.forum, name="forum"),
    path("forums/<slug:key>/plan/", panels.plan, name="meeting-plan"),
    path("forums/<slug:key>/cases/", panels.to_list, name="to-list"),
    path("forums/<slug:key>/return/", agenda.figures, name="forum-return"),
    path("forums/<slug:key>/past/", panels.past, name="meetings-past"),
    path("meetings/<uuid:meeting_id>/", panels.meeting, name="meeting"),
    path("meetings/<uuid:meeting_id>/attendance/", panels.attendance, name="meeting-attendance"),
    path("meetings/<uuid:meeting_id>/list/<uuid:contact_id>/", panels.list_case, name="meeting-list"),
    path("meetings/<uuid:meeting_id>/minutes/", panels.minutes, name="meeting-minutes"),
    path("meetings/<uuid:meeting_id>/topic/", agenda.list_topic, name="meeting-topic"),
    path("meetings/<uuid:meeting_id>/person/", agenda.list_person, name="meeting-person"),
    path("meetings/<uuid:meeting_id>/pull/", agenda.pull, name="meeting-pull"),
    path("meetings/<uuid:meeting_id>/<slug:step>/", panels.move, name="meeting-move"),
    path("cases/<uuid:item_id>/", items.item, name="item"),
    path("cases/<uuid:item_id>/research/", items.research, name="item-research"),
    path("cases/<uuid:item_id>/conflict/", items.conflict, name="item-conflict"),
    path("cases/<uuid:item_id>/restrict/", items.restrict, name="item-restrict"),
    path("cases/<uuid:item_id>/sit/", agenda.sit, name="item-sit"),
    path("cases/<uuid:item_id>/review/", items.review, name="item-review"),
    path("cases/<uuid:item_id>/decide/", items.decide, name="item-decide"),
    path("cases/<uuid:item_id>/actions/", items.add_action, name="item-action"),
    path("cases/<uuid:item_id>/carry/<uuid:meeting_id>/", items.carry, name="item-carry"),
    path("actions/", actions.mine, name="actions"),
    path("actions/<uuid:action_id>/", actions.action, name="action"),
    path("feeds/", feeds.feeds, name="feeds"),
    path("feeds/exchange/", feeds.exchange, name="feed-exchange"),
    path("feeds/upload/", sending.choose, name="feed-choose"),
    path("feeds/upload/any/", sending.send_any, name="feed-send-any"),
    path("feeds/sent/<str:identity>/", sending.sent, name="feed-sent"),
    path("feeds/<slug:key>/", feeds.feed, name="feed"),
    path("feeds/<slug:key>/contract/", feeds.what_to_send, name="feed-contract"),
    path("feeds/<slug:key>/quality/", feeds.field_quality, name="feed-quality"),
    path("feeds/<slug:key>/versions/", feeds.versions, name="feed-versions"),
    path("feeds/<slug:key>/send/", sending.send, name="feed-send"),
    path("feeds/<slug:key>/reports/<slug:receipt>.<slug:form>", feeds.report, name="feed-report"),
    path("strategy/", strategy.strategy, name="strategy"),
    path("strategy/open-questions/", strategy.open_questions, name="open-questions"),
    path("strategy/definition/", strategy.definition, name="definition"),
    path("strategy/<slug:key>/", strategy.theme, name="theme"),
    path("published/", publications.published, name="published"),
    path("published/<path:address>", publications.published_file, name="published-file"),
    path("figures/", publications.figure_search, name="figure-search"),
    path("figures/<str:code>/", publications.figure, name="figure"),
    path("papers/<slug:audience>/<path:address>", publications.paper, name="paper"),
    path("editions/", editions.editions, name="editions"),
    path("editions/new/", editions.begin, name="edition-begin"),
    path("editions/<uuid:edition_id>/", editions.edition, name="edition"),
    path("editions/<uuid:edition_id>/figures/", editions.figures, name="edition-figures"),
    path("editions/<uuid:edition_id>/move/<slug:step>/", editions.move, name="edition-move"),
    path("editions/<uuid:edition_id>/comment/", sections.comment, name="edition-comment-whole"),
    path("editions/<uuid:edition_id>/comments/<uuid:comment_id>/", sections.answer, name="edition-answer"),
    path("editions/<uuid:edition_id>/ask/", deciding.ask, name="edition-ask"),
    path("editions/<uuid:edition_id>/decide/", deciding.decide, name="edition-decide"),
    path("editions/<uuid:edition_id>/send-back/", deciding.send_back, name="edition-send-back"),
    path("editions/<uuid:edition_id>/publish/", deciding.publish, name="edition-publish"),
    path("editions/<uuid:edition_id>/withdraw/", deciding.withdraw, name="edition-withdraw"),
    path("editions/<uuid:edition_id>/again/", deciding.again, name="edition-again"),
    path("editions/<uuid:edition_id>/preview/<slug:kind>/", deciding.preview, name="edition-preview"),
    path(
        "editions/<uuid:edition_id>/preview/<slug:kind>/<path:address>", deciding.preview, name="edition-preview-file"
    ),
    path("editions/<uuid:edition_id>/sections/<slug:key>/", sections.section, name="edition-section"),
    path("editions/<uuid:edition_id>/sections/<slug:key>/versions/", sections.versions, name="edition-versions"),
    path("editions/<uuid:edition_id>/sections/<slug:key>/comment/", sections.comment, name="edition-comment"),
    path("editions/<uuid:edition_id>/sections/<slug:key>/look/", sections.look, name="edition-look"),
    path("editions/<uuid:edition_id>/sections/<slug:key>/screen/", screening.section, name="edition-screen"),
    path(
        "editions/<uuid:edition_id>/sections/<slug:key>/screen/<str:name>/",
        screening.subject,
        name="edition-screen-one",
    ),
    path("releases/", releases.releases, name="releases"),
    path("releases/<slug:identity>/", releases.release, name="release"),
    path("proofread/", proofread.draft, name="proofread"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/new/", accounts.join, name="account-new"),
    path("accounts/<uuid:user_id>/", accounts.account, name="account-one"),
    path("agreements/", agreements.agreements, name="agreements"),
    path("agreements/disclosures/", agreements.disclosures, name="disclosures"),
    path("agreements/<slug:key>/", agreements.agreement, name="agreement"),
    path("retention/", records.retention, name="retention"),
    path("retention/hold/", records.hold, name="retention-hold"),
    path("retention/holds/<uuid:hold_id>/", records.lift, name="retention-lift"),
    path("retention/<slug:category>/approve/", records.approve, name="retention-approve"),
    path("requests/", records.requests, name="requests"),
    path("requests/new/", records.enter, name="request-new"),
    path("requests/<uuid:request_id>/", records.answer, name="request-answer"),
    path("requests/<uuid:request_id>/pack/", records.pack, name="request-pack"),
    path("agencies/", strategy.agencies, name="agencies"),
    path("governance/", strategy.governance, name="governance"),
    path("registers/", registers.registers, name="registers"),
    path("registers/<slug:key>/", registers.register, name="register"),
    path("registers/<slug:key>/download/", registers.download, name="register-download"),
    path("registers/<slug:key>/new/", registers.add, name="register-add"),
    path("registers/<slug:key>/<uuid:entry_id>/", registers.entry, name="register-entry"),
    path("registers/<slug:key>/<uuid:entry_id>/correct/", registers.correct, name="register-correct"),
    path("registers/<slug:key>/<uuid:entry_id>/close/", registers.close, name="register-close"),
    path("registers/<slug:key>/<uuid:entry_id>/open-again/", registers.again, name="register-again"),
    path("directory/<slug:key>/", registers.public, name="register-public"),
    path("who-looked/", audit.who_looked, name="who-looked"),
    path("who-looked/search/<uuid:event_id>/", audit.search, name="who-looked-search"),
    path("account/", include("concord.web.signin.urls")),
    path("who-looked/<slug:object_type>/<path:reference>/", audit.one_record, name="who-looked-one"),
]
