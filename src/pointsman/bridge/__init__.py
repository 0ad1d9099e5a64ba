"""What workers' pages speak: sockets on which they are told what happens, and requests beside them.

`audience` says who is told of what, `connection` what goes over one socket of the current SDK and when; both are
without IO, and time is an argument. `hub` follows commits and hands to each open socket what concerns it; `session` is
one socket of the current SDK on the network, `requests` its POSTs, `presence` sees to workers who go away.

A second protocol plugs in at the hub: its sockets are `hub.Listener`s of their own, and it asks for what it needs
through `operations`, as `requests` does.
"""
