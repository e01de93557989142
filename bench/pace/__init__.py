"""How much of the allowed rate a load uses, and how much is refused.

::

    cases     what the portal is like: tiers, answer times, neighbours, changes
    portal    the built-in portal as a process; it tells its visits when it ends
    trial     a case: the portal, the loader as a process, and a stop after a time
    measure   visits in, figures out

Decisions

* *The portal measures*, by its own clock and its own rolling window: how full of the
  client that window was, on average, of what it allowed. What the client believes does
  not count.
* *Windows and answer times are scaled, and so is the margin that the loader begins
  with*: with windows of 2 s everything goes five times as fast. What strays on the way
  does not scale, so a busy machine shows more in short windows; ``--full`` has true
  ones. The use is also told as a part of what the margin leaves.
"""
