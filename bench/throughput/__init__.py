"""Records a second and CPU a record, side by side with what people use today.

::

    sides     the loader; the same without fsync; the official client; wrk
    official  what runs in the official client's environment
    relaxed   the loader, its ledger with ``synchronous=OFF``, put in from outside
    rotate    wrk's script: ready-made bodies, one after the other
    figures   medians, ratios, goals
    command   ``python -m bench throughput``

Decisions

* *The portal's clock*: each side's rate is what the portal received between its first
  and its last request, so that starting up counts for nobody; the CPU of the start is
  shown by itself.
* *Alternating sides, ratios within a round, medians over rounds*: timings drift on a
  machine that is shared, ratios hardly.
* *Client and portal each have a core*, where there are two: the faster side cannot buy
  its speed with the other's time.
* *The portal's counts decide*: a side that did not deliver each record exactly once
  has no figure (wrk repeats its bodies, and is counted by records alone). It also says
  what share of the time it worked, so that one sees who was the slower one.
"""
