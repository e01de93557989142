"""When a load began, by which its own calls are told from older ones.

Where a create had no answer and its ID is found afterwards, nobody can tell whether
that create has made the call, or an earlier load or another program had. Its age can.
"""

from datetime import datetime, timedelta

#: the portal's clock and ours differ by no more than this
CLOCKS = timedelta(minutes=5)


def oldest_own(*begun: str) -> datetime | None:
    """Return the time before which a load has made no call; None when nobody knows.

    ``begun`` are times, ISO 8601, at which it had begun.
    """
    moments = [each for each in map(_moment, begun) if each is not None]
    return min(moments) - CLOCKS if moments else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
