"""Addresses that providers and browsers know. django-allauth looks for some of these names."""

from django.urls import path

from classbell.accounts.sso import views

urlpatterns = [
    path("sso/<slug:slug>/begin", views.begin, name="sso_begin"),
    path("sso/<slug:slug>/try", views.begin_trial, name="sso_try"),
    path("oidc/<slug:slug>/callback", views.openid_callback, name="openid_connect_callback"),
    path("oidc/<slug:slug>/signed-out", views.openid_signed_out, name="openid_connect_signed_out"),
    path("saml/<slug:slug>/acs", views.saml_answer, name="saml_acs"),
    path("saml/<slug:organization_slug>/acs/finish", views.saml_finish, name="saml_finish_acs"),
    path("saml/<slug:slug>/metadata", views.saml_metadata, name="saml_metadata"),
    path("saml/<slug:slug>/signed-out", views.saml_signed_out, name="saml_sls"),
]
