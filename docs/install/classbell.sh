#!/bin/sh
# The command `classbell` for people at the machine: as the user of the services, with their settings.
exec runuser -u classbell -- env -C /var/lib/classbell \
    CLASSBELL_DATA=/var/lib/classbell \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    /opt/classbell/bin/classbell "$@"
