"""Before the run: what would be refused, what would load wrong, what it would take.

::

    items (of the source room) ──> examiner ──> findings ──> outline
                                      │ ╲            forecast ─┘
              calls, times, values, links  identities ── repeats
              portal (from the portal's own list)

``examiner`` looks at each line; ``calls`` has what HubSpot documents of calls, whatever
the portal, ``portal`` what one portal says of its properties; ``identities`` finds IDs
and unique values that come twice, ``forecast`` counts requests.

Four levels: *rejected* (``run`` would not send the line), *refused* (the portal would
not take the record), *wrong* (it loads, and is not what was meant: seconds where
milliseconds are expected), *warning* (it loads, and is probably not what was meant).
The first three are problems.

Decisions

* *A record is judged by what the decoder has validated*, and is not encoded at all;
  instead of by the bytes that would be sent, which would be written and read again for
  nothing. Lines are refused by the same code either way.
* *A judge a property, and verdicts are kept by value* where values repeat; instead of
  checks that look for their properties, which cost as much for good lines as for bad.
* *A finding holds no value*: only property names, line numbers, and what the portal
  says; the source is there to look at.
* *Seconds are a problem, not a warning*: they load without a word, as calls of January
  1970, and a script that asks before it runs must not go on.
* *Whether targets of associations exist is not asked*: a request per hundred of them
  would cost as much as the load.
"""
