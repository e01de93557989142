"""The moving part: from the queue to the sink, under one limiter.

::

    producer ──chunks──> channel ──> batcher ──> workers ──settlements──> sink
       │                                          │  │                     │
     source                             limiter ──┘  └── portal          journal

``run.py`` is the page to read first. The room knows ports (``ports.py``), not HubSpot
and not SQLite; its tests use lists.

Rules of the protocol that live here, each in one place

* arm before send; ask before sending again ........ ``courier``, ``delivery``
* which span a batch covers ......................... ``batcher``
* one limiter, one pause for all .................... ``limiter``
* when a request fits the portal's window ........... ``rolling``
* whether anything may go out now ................... ``barrier``, ``daily``, ``pause``
* how many in flight; room before a turn ............ ``concurrency``, ``gate``
* backoff, breaker, patience ........................ ``health``
* the reader never runs far ahead of the frontier ... ``channel`` (``Window``)
* stop is a signal, cancel is a fact ................ ``stop``

Decisions

* *Workers take batches from one shared batcher*, so that every batch covers a
  contiguous span of lines and the frontier is a number; instead of a batcher per
  worker, whose spans would interleave.
* *Limiter, then arm, then send*: an armed row is as young as can be when its request
  leaves, and a stop while waiting for the limiter leaves nothing armed.
* *A delivery is a pure state machine*, the courier awaits for it; instead of nested
  retries, whose combinations nobody can enumerate.
"""
