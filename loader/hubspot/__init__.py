"""The wire: requests, answers, and what they mean.

::

    records ──codec──> body ──client──> HubSpot ──> status, headers, body
                                                          │
                        Proof, Doubt, … <──verdict, proof─┘

Every event is one of three classes; the function is total, and its default is *in
doubt*.

===========  =====================================================  ===================
class        events                                                 verdict
===========  =====================================================  ===================
not applied  no name, no connection, TLS or proxy handshake failed  ``Unsent``
not applied  429; 477 with a short wait                             ``Wait``
not applied  413, 414; 400 "could not read the body"                ``Oversized``
not applied  401, 403, 404, 405, 411, 415; 429 DAILY; long 477      ``Halt``
proved       complete JSON with ``status: COMPLETE``, 200/201/207   ``Proof``, by item
in doubt     any other JSON 400, 409, 422                           ``Refusal``
in doubt     everything else                                        ``Doubt``
===========  =====================================================  ===================

Proof is per item: an element counts only for the record it names, by its echoed trace
ID, else by the trace property it returns, else, where neither exists, by exact equality
of all properties we sent. Position, counts and absence from ``errors`` prove nothing.
An answer that names one ID twice, or one we did not send, proves nothing at all.

Decisions

* *Decide by the body, not by 200, 201 or 207*: published versions differ in which one a
  partial failure has.
* *No retries here*: one send is one request, whatever comes of it; instead of the
  client library's, which cannot know about doubt. aiohttp repeats only idempotent
  methods by itself, never a POST.
* *Keep-alive of 2 s only*: fewer requests are sent into a connection that the other
  side is just closing, each of which would be a doubt.
* *Errors are read leniently, results strictly*: HubSpot says that all fields of an
  error are optional; a result we misread would be a false success.
"""
