"""
Django's PostgreSQL backend for a database that goes away and comes back, maybe as another server.

`base` is what Django loads, `address` reads its address, `servers` finds the one of several that takes writes, `reach` knows
whether the database can be reached, `trouble` tells its failures apart, `migrations` whether its tables are up to date,
`replica` lets a replica answer what may lag, `pooler` finds out what stands between.
"""
