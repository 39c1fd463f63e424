"""Every address of the site, one line each; what a route may do stands at its view."""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as sign_on
from django.urls import path

from karmayogi.web.accounts import departures
from karmayogi.web.api import addresses as api
from karmayogi.web.exchange import scim
from karmayogi.web.pages import (
    auditor,
    authority,
    commission,
    consents,
    corrections,
    desk,
    establishment,
    front,
    grantor,
    health,
    manager,
    reviewer,
    security,
    supervisor,
    support,
    verify,
)
from karmayogi.web.pages.official import (
    check,
    competencies,
    home,
    learn,
    my_data,
    notices,
    plan,
    player,
    question,
    record,
    result,
    seen,
    wrong,
)

urlpatterns = [
    path("", front.first, name="first"),
    path("readyz/", health.ready, name="ready"),
    path("demo/", front.choose_persona, name="personas"),
    path("language/", front.set_language, name="set_language"),
    path("languages/", front.languages, name="languages"),
    path("about/privacy/", front.privacy, name="privacy"),
    path("about/accessibility/", front.accessibility, name="accessibility"),
    path("about/help/", front.help_page, name="help"),
    path("account/sign-in/", account.login, name="account_login"),
    path("account/sign-in/code/", account.request_login_code, name="account_request_login_code"),
    path("account/sign-in/code/enter/", account.confirm_login_code, name="account_confirm_login_code"),
    path("account/sign-in/second/", factors.authenticate, name="mfa_authenticate"),
    path("account/sign-in/passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("account/sign-in/closed/", account.account_inactive, name="account_inactive"),
    path("account/sign-in/cancelled/", sign_on.login_cancelled, name="socialaccount_login_cancelled"),
    path("account/sign-in/failed/", sign_on.login_error, name="socialaccount_login_error"),
    path("account/sign-in/oidc/<str:provider_id>/", departures.oidc_login, name="openid_connect_login"),
    path(
        "account/sign-in/oidc/<str:provider_id>/back/", departures.oidc_back, name="openid_connect_callback"
    ),
    path("account/sign-in/saml/<str:organization_slug>/", departures.saml_login, name="saml_login"),
    path("account/sign-in/saml/<str:organization_slug>/acs/", departures.saml_receive, name="saml_acs"),
    path(
        "account/sign-in/saml/<str:organization_slug>/acs/end/",
        departures.saml_finish,
        name="saml_finish_acs",
    ),
    path("account/sign-in/saml/<str:organization_slug>/off/", departures.saml_sign_off, name="saml_sls"),
    path(
        "account/sign-in/saml/<str:organization_slug>/metadata/",
        departures.saml_metadata,
        name="saml_metadata",
    ),
    path("account/sign-out/", account.logout, name="account_logout"),
]

urlpatterns += [
    path("account/security/", security.ways_in, name="mfa_index"),
    path("account/security/second/", security.second_factor, name="second_factor"),
    path("account/security/again/", security.step_up, name="step_up"),
    path("account/security/sessions/", security.end_sessions, name="sessions-end"),
    path("account/again/password/", account.reauthenticate, name="account_reauthenticate"),
    path("account/again/code/", factors.reauthenticate, name="mfa_reauthenticate"),
    path("account/again/passkey/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/security/password/", account.password_change, name="account_change_password"),
    path("account/security/password/set/", account.password_set, name="account_set_password"),
    path("account/security/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/security/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/security/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/security/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/security/passkeys/", security.ways_in, name="mfa_list_webauthn"),
    path("account/security/passkeys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("account/security/passkeys/<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
]

urlpatterns += [
    path("posts/vacancies/", authority.vacant, name="vacancies"),
    path("posts/vacancies/<path:code>/rank/", authority.rank, name="vacancies-rank"),
    path("posts/vacancies/<path:code>/recommend/", authority.recommend, name="vacancies-recommend"),
    path("posts/vacancies/<path:code>/", authority.vacancy, name="vacancies-one"),
    path("posts/orders/", authority.order_list, name="orders"),
    path("posts/orders/<uuid:order>/issue/", authority.issue, name="orders-issue"),
]

urlpatterns += [
    path("team/", supervisor.team, name="team"),
    path("team/<uuid:person>/", supervisor.member, name="team-member"),
    path("team/<uuid:person>/observe/", supervisor.observe, name="team-observe"),
    path("office/needs/", manager.needs, name="needs"),
    path("office/needs/<str:code>/", manager.needs, name="needs-body"),
    path("office/requirements/", manager.requirements, name="requirements"),
    path("office/requirements/position/<slug:key>/", manager.position, name="requirements-position"),
    path("office/requirements/<str:code>/", manager.requirements, name="requirements-body"),
    path("office/officials/", manager.officials, name="officials"),
    path("office/officials/<uuid:person>/", manager.official, name="officials-one"),
    path("office/officials/<str:code>/", manager.officials, name="officials-body"),
    path("cases/", reviewer.waiting, name="cases"),
    path("cases/<uuid:case>/", reviewer.one, name="cases-one"),
    path("commission/benchmarks/", commission.compare, name="benchmarks"),
    path("commission/benchmarks/csv/", commission.as_csv, name="benchmarks-csv"),
    path("commission/benchmarks/<str:code>/", commission.compare, name="benchmarks-body"),
    path("commission/benchmarks/<str:code>/csv/", commission.as_csv, name="benchmarks-csv-body"),
]

urlpatterns += [
    path("home/", home.home, name="home"),
    path("notices/", notices.notices, name="notices"),
    path("competencies/", competencies.competencies, name="competencies"),
    path("competencies/<uuid:competency>/question/", question.question, name="competencies-question"),
    path("competencies/<uuid:competency>/check/", check.start, name="competencies-check"),
    path("competencies/<uuid:competency>/check/begin/", check.begin, name="competencies-begin"),
    path("checks/<uuid:sitting>/", check.question, name="check-question"),
    path("checks/<uuid:sitting>/stop/", check.stop, name="check-stop"),
    path("checks/<uuid:sitting>/result/", result.result, name="competencies-result"),
    path("plan/", plan.plan, name="plan"),
    path("plan/<uuid:item>/done/", plan.finish, name="plan-done"),
    path("learn/", learn.catalogue_page, name="learn"),
    path("learn/<str:course>/", learn.course_page, name="learn-course"),
    path("learn/<str:course>/enrol/", learn.enrol, name="learn-enrol"),
    path("learn/<str:course>/leave/", learn.leave, name="learn-leave"),
    path("learn/<str:course>/done/", player.done, name="learn-done"),
    path("learn/<str:course>/pages/<str:page>/", player.read, name="learn-page"),
    path("learn/<str:course>/pages/<str:page>/finish/", player.finish, name="learn-finish"),
    path("learn/<str:course>/pages/<str:page>/answer/", player.answer, name="learn-answer"),
    path("learn/<str:course>/pages/<str:page>/file/", player.file, name="learn-file"),
    path("record/", record.record, name="record"),
    path("record/certificates/<uuid:statement>/", record.certificate, name="record-certificate"),
    path("record/my-data/", my_data.my_data_page, name="my-data"),
    path("record/my-data/<uuid:run>/file/", my_data.my_data_file, name="my-data-file"),
    path("verify/", verify.enter, name="verify"),
    path("verify/<str:code>/", verify.by_code, name="verify-code"),
    path("verify/<str:code>/proof/", verify.proof, name="verify-proof"),
]

urlpatterns += [
    path("record/wrong/", wrong.entries_page, name="record-wrong"),
    path("record/wrong/<slug:field>/<uuid:subject>/", wrong.one, name="record-wrong-one"),
    path("account/consent/", consents.consents_page, name="consents"),
    path("account/notice/", consents.notice, name="privacy-notice"),
    path("establishment/corrections/", corrections.waiting, name="corrections"),
    path("establishment/corrections/<uuid:case>/", corrections.one, name="corrections-one"),
    path("establishment/corrections/<uuid:case>/decide/", corrections.decide, name="corrections-decide"),
    path("establishment/corrections/<uuid:case>/proof/", corrections.proof, name="corrections-proof"),
    path("scim/v2/ServiceProviderConfig", scim.service_provider_config, name="scim-config"),
    path("scim/v2/ResourceTypes", scim.resource_types, name="scim-types"),
    path("scim/v2/ResourceTypes/<str:name>", scim.resource_types, name="scim-types-one"),
    path("scim/v2/Schemas", scim.schemas, name="scim-schemas"),
    path("scim/v2/Schemas/<str:urn>", scim.schemas, name="scim-schemas-one"),
    path("scim/v2/Users", scim.users, name="scim-users"),
    path("scim/v2/Users/.search", scim.search_users, name="scim-users-search"),
    path("scim/v2/Users/<uuid:id>", scim.user, name="scim-users-one"),
    path("scim/v2/Bodies", scim.bodies, name="scim-bodies"),
    path("scim/v2/Bodies/.search", scim.search_bodies, name="scim-bodies-search"),
    path("scim/v2/Bodies/<uuid:id>", scim.body, name="scim-bodies-one"),
    path("scim/v2/.search", scim.search, name="scim-search"),
    path("scim/v2/<path:rest>", scim.nothing, name="scim-nothing"),
    path("account/sign-in/help/", front.cannot_sign_in, name="cannot-sign-in"),
    path("desk/", desk.desk, name="desk"),
    path("desk/people/<uuid:person>/", desk.official, name="desk-person"),
    path("desk/requests/<uuid:proposal>/", desk.decide, name="desk-decide"),
    path("desk/recoveries/<uuid:recovery>/stop/", desk.stop, name="desk-stop"),
    path("records/", establishment.records, name="records"),
    path("records/compare/", establishment.compare, name="records-compare"),
    path("records/proposals/<uuid:proposal>/", establishment.decide, name="records-decide"),
    path("records/joins/<uuid:link>/", establishment.part, name="records-part"),
    path("records/suggestions/<uuid:pair>/aside/", establishment.set_aside, name="records-aside"),
    path("record/who-looked/", seen.who_looked, name="who-looked"),
    path("record/who-can-see/", seen.who_can_see, name="who-can-see"),
    path("record/support/<uuid:proposal>/", seen.answer_support, name="support-answer"),
    path("record/support/<uuid:visit>/end/", seen.end_support, name="support-end"),
    path("account/roles/", seen.my_roles, name="my-roles"),
    path("grants/", grantor.register, name="grants"),
    path("grants/propose/", grantor.propose, name="grants-propose"),
    path("grants/proposals/<uuid:proposal>/", grantor.decide, name="grants-decide"),
    path("grants/<uuid:grant>/", grantor.one, name="grants-one"),
    path("grants/<uuid:grant>/stop/", grantor.stop, name="grants-stop"),
    path("grants/<uuid:grant>/pass-on/", grantor.pass_on, name="grants-pass-on"),
    path("audit/acts/", auditor.acts, name="audit"),
    path("audit/acts/<uuid:entry>/proof/", auditor.proof, name="audit-proof"),
    path("audit/grants/", auditor.grants_of_bodies, name="audit-grants"),
    path("audit/proposals/", auditor.asked_for, name="audit-proposals"),
    path("audit/people/", auditor.find_person, name="audit-people"),
    path("audit/people/<uuid:person>/", auditor.person, name="audit-person"),
    path("support/", support.ask, name="support"),
    path("support/<uuid:person>/", support.look, name="support-look"),
]

urlpatterns += api.urlpatterns

handler400 = "karmayogi.web.errors.bad_request"
handler403 = "karmayogi.web.errors.forbidden"
handler404 = "karmayogi.web.errors.not_found"
handler500 = "karmayogi.web.errors.broken"
