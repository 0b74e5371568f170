"""Discord -> Library -> Discord: the only asynchronous code.

``command`` reads the settings, ``serve`` runs the ``client`` until it is told to stop, ``parts``
are what it is made of beside questions. A question comes in by ``commands``, ``mentions`` or
``buttons``, is led by ``answering``, waits its turn in ``work``, is answered by ``asking`` from
what ``scope`` lets its server see, and goes out by ``views`` and ``delivery``; ``state`` remembers.
"""
