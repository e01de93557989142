"""What a person and a machine see of a running load: a page, and metrics.

::

    Watch ──Live, once a second──> History ──events──> page.html in a browser
                                └─> Collector ──text──> Prometheus

Both listen on 127.0.0.1 and nowhere else, and give what ``status`` gives: counts, times
and names of errors; no token, no record.

Decision: a page of our own hands that draws with SVG, of no other part than itself,
instead of a chart library: it has five lines to draw, and works without a network.
Decision: the page is told by server-sent events, which a browser takes up again by
itself, instead of a WebSocket: nothing but two buttons goes the other way.

Whatever the user visits can send requests to this machine too. So each request must
name this host (a foreign name that resolves to 127.0.0.1 does not), the page may stand
in no frame, and what changes something needs the secret that only the page has. Another
user of the same machine can open the page, as any page on its loopback.
"""
