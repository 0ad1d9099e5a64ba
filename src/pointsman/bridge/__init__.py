"""What workers' pages speak: sockets on which they are told what happens, and requests beside them.

`audience` says who is told of what, `connection` what goes over one socket of the current SDK and when; both are
without IO, and time is an argument. `hub` follows commits and hands to each open socket what concerns it; `session` is
one socket of the current SDK on the network, `requests` its POSTs, `presence` sees to workers who go away, `tokens`
says whom a token lets in, `app` is the door, and `protocol` what the server's sockets lack.

The first SDK's protocol, `legacy`, plugs in so: its ASGI application is `Bridge`'s `below`, which is asked for every
path below ours that the current SDK does not claim; each of its sockets is a `hub.Listener` (`Hub.join`, `Hub.leave`),
is told events of the log (`core.record.Logged`) and renders them itself; `Presence.came` and `.left` take an activity
of its own in `Leaving`; and what its client asks for it gets through `operations`, as `requests` does. `outlet` and
`network` are what both have in common on the wire.
"""
