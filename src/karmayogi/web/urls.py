"""Every address of the site, one line each; what a route may do stands at its view."""

from allauth.account import views as account
from django.urls import path

from karmayogi.web.pages import front

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

handler400 = "karmayogi.web.errors.bad_request"
handler403 = "karmayogi.web.errors.forbidden"
handler404 = "karmayogi.web.errors.not_found"
handler500 = "karmayogi.web.errors.broken"
