"""Every address of the site, one line each; what a route may do stands at its view."""

from allauth.account import views as account
from django.urls import path

from karmayogi.web.pages import authority, front

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

handler400 = "karmayogi.web.errors.bad_request"
handler403 = "karmayogi.web.errors.forbidden"
handler404 = "karmayogi.web.errors.not_found"
handler500 = "karmayogi.web.errors.broken"
