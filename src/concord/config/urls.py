"""Every address of the site starts here."""

from django.urls import include, path

urlpatterns = [path("", include("concord.web.urls"))]
handler404 = "concord.web.shared.errors.not_found"
handler403 = "concord.web.shared.errors.not_found"
handler500 = "concord.web.shared.errors.server_error"
