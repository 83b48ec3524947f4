"""
Zoom as a library: typed, synchronous, safe to share between threads.

It reads no settings and knows no domain. What it needs kept between calls and processes (tokens, turns to send, the
state of the circuit) it asks of four small protocols: `oauth.TokenStore`, `limits.Limiter`, `breaker.Breaker` and a
clock; each comes with an implementation that keeps it in memory.
"""
