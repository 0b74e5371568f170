"""Discord -> conversation -> Discord.

``run`` runs the ``client`` until it is told to stop; ``parts`` are what is added to it: they know
the client, which knows none of them. A question comes in by ``questions``, ``mentions`` or
``buttons``, is led by ``answering``, is answered by ``bot.conversation``, and goes out by ``views``
and ``delivery``; ``mail`` sends what nobody asked for at the moment.
"""
