"""A portal in a process of its own, so cheap that whoever sends is the slower side.

::

    answers   request bodies in, answer bodies out, and the counts; no I/O
    server    HTTP/1.1 on raw sockets; ``python -m bench.portal.server`` is the process
    rented    starts it, asks it for its counts, and has it end with its tenant

Decisions

* *It answers like HubSpot*: every record is read as JSON, its properties are echoed,
  with the trace property and those that HubSpot adds, under an ID of its own. A portal
  that says less would flatter whoever reads its answers.
* *It remembers what it made*, as far back as it was told to, so that a run proves
  itself: so many records received, none twice. It refuses nothing and paces nobody; for
  a portal with rules and weather there is ``loader.sandbox``.
* *Elasticsearch's ``_bulk`` is another door to it*, for clients that speak that.
* *Raw sockets and typed decoding* instead of a web framework, which would cost more
  than the loader that is measured.
"""
