"""One script for each peer: what a competent user would write from its documentation.

Each runs in the peer's own environment, so nothing here imports anything of ours beyond
``shared``, nor ``shared`` anything beyond the standard library. Called as ``python -m
bench.peers.adapters.NAME SOURCE FOLDER``, with the portal's address in ``PEER_URL``.
In FOLDER it keeps what the peer keeps between two runs, and leaves ``report.ndjson``:
of which lines the tool says that they are on the portal, and of which that they are
not.
"""
