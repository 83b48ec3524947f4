"""The pages of the kit itself."""

from django.urls import path

from classbell.web.kit.views import assets, styleguide

urlpatterns = [
    path("styleguide", styleguide.styleguide, name="styleguide"),
    path("assets/<slug:version>/<str:name>", assets.asset, name="asset"),
    path("push-worker.js", assets.push_worker, name="push-worker"),
    path("static/<slug:version>/<path:path>", assets.static_file, name="static-file"),
]
