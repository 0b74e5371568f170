"""Feeds and links -> pages kept in the folder of the index, which then follows them like files.

``web`` has the object that stands beside ``Library``, ``run`` joins the parts: ``urls`` names a
page, ``addresses`` and ``fetch`` reach it safely, ``robots`` asks whether it may be, ``feeds`` says
what there is, ``pages`` keeps it, ``state`` remembers. Nothing here reads an article out of a page
(``index.formats.warc`` does) or touches the index.
"""
