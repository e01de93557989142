"""The wire: requests, answers, and what they mean.

::

    records ──codec──> body ──client──> HubSpot ──> status, headers, body (raw)
                                                          │
                       Proof, Doubt, … <──────────────verdict
                                          ├── refusal   said of the request as a whole
                                          └── proof     said of single records
                                                ├── answers   JSON, as we read it
                                                │   └── once  if it says all once
                                                └── likeness  results without name

``objects`` and ``linked`` ask for calls by their ID, and for what they are associated
with; ``comparison`` says what of them is not as it was sent. ``address`` says where
requests go and refuses unsafe places; ``preflight`` judges what a portal says of
itself. Only ``client`` awaits.

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
An answer that names one record or object twice, or one we did not send, proves nothing.
So does one with two values under one name.

Decisions

* *Decide by the body, not by 200, 201 or 207.* Published versions differ in which one
  a partial failure has, and the dated ones put errors into a 201. Instead of a table of
  versions, which would be wrong again each March and September.
* *No retries here.* One send is one request, whatever comes of it. Instead of the
  client library's, which cannot know about doubt: aiohttp repeats only idempotent
  methods by itself, never a POST; a test holds it to that.
* *An answer belongs to the request before it.* What a connection has to say before we
  write to it was said unasked, and the library would take it for our answer: a late 429
  would make a create "not applied" that was. Such a connection is closed unused.
* *Absent is what nothing else explains.* An ID that a read does not find is absent only
  if each result names an ID we asked for and each error says "not found"; otherwise the
  question is asked again. One named in another case or with blanks is another record's.
* *Keep-alive of 2 s only.* Fewer requests are sent into a connection that the other
  side is just closing, each of which would be a doubt. Instead of aiohttp's 15 s, which
  saves a handshake now and then.
* *Errors are read leniently, results strictly.* HubSpot says that all fields of an
  error are optional, so an odd one names nobody and harms nobody; a result that we
  misread would be a false success. Instead of one schema for both.
* *A clash is looked for everywhere in an error*: category, older ``errorType``, codes,
  nested messages. A clash that we missed would reject a record that is on the portal;
  one seen in error costs a read.
* *Likeness is exact, and its doubts are loose.* A result is a record only if it returns
  what we sent to the letter and may be no other; records that differ in less than a
  portal may change (a trimmed space, an ignored property) are not told apart at all.
  Instead of equality alone, which took the result of a longer record for the shorter
  one that the portal had passed over.
* *A batch refused for its scope halts only if it speaks of all records.* Halting says
  "nothing was applied"; a record that such an answer passes over is in doubt like any.
  One that names nobody ends the run too, with all its records in doubt.
* *What ends a run is told in our words*, with the portal's code: its sentences may
  quote what a customer said, and the reason goes into logs and ``status.json``.
* *Without TLS, names are not looked up*: every name is this machine. The check of the
  base URL and the connection cannot be told two different things.
* *TLS is always verified, by the authorities of the system*, ``SSL_CERT_FILE`` and
  ``SSL_CERT_DIR`` included: who may set this process's environment has its token
  already, and an authority of one's own is how companies look into their traffic.
  Proxies and ``.netrc`` are not taken from there, since shells set them for others.
* *The trace property is an attribute of the client.* Only preflight, which needs the
  client, knows it. Instead of a second client, or an argument at each request that two
  requests of one load might disagree on.
"""
