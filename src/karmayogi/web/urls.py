"""Every address of the site, one line each; what a route may do stands at its view."""

from allauth.account import views as account
from django.urls import path

from karmayogi.web.pages import authority, commission, front, manager, reviewer, supervisor, verify
from karmayogi.web.pages.official import (
    check,
    competencies,
    home,
    learn,
    notices,
    plan,
    player,
    question,
    record,
    result,
)

urlpatterns = [
    path("", front.first, name="first"),
    path("demo/", front.choose_persona, name="personas"),
    path("language/", front.set_language, name="set_language"),
    path("languages/", front.languages, name="languages"),
    path("about/privacy/", front.privacy, name="privacy"),
    path("about/accessibility/", front.accessibility, name="accessibility"),
    path("about/help/", front.help_page, name="help"),
    path("account/sign-in/", account.login, name="account_login"),
    path("account/sign-out/", account.logout, name="account_logout"),
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
    path("verify/", verify.enter, name="verify"),
    path("verify/<str:code>/", verify.by_code, name="verify-code"),
    path("verify/<str:code>/proof/", verify.proof, name="verify-proof"),
]

handler400 = "karmayogi.web.errors.bad_request"
handler403 = "karmayogi.web.errors.forbidden"
handler404 = "karmayogi.web.errors.not_found"
handler500 = "karmayogi.web.errors.broken"
