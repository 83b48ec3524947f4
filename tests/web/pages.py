"""All pages of the product."""

from typing import Final

from django.urls import URLPattern

from classbell.web.urls import urlpatterns

EVERY_PAGE: Final[list[URLPattern]] = [
    page for subject in urlpatterns for page in subject.url_patterns if isinstance(page, URLPattern)
]
