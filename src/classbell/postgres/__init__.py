"""
Django's PostgreSQL backend for a database that goes away and comes back.

`base` is what Django loads, `reach` knows whether the database can be reached, `trouble` tells its failures apart,
`migrations` whether its tables are up to date.
"""
