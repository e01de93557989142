"""The counter where the portal tells about itself."""

from .premises import Premises
from .quota import Calendar, Quota
from .shown import show_moment
from .wire import Answer, Request, as_json


class Account:
    """Tells who the portal is and how much of its day is used."""

    def __init__(self, premises: Premises, quota: Quota, calendar: Calendar) -> None:
        self._premises = premises
        self._quota = quota
        self._calendar = calendar

    def details(self, request: Request) -> Answer:
        """Tell who the portal is."""
        del request
        offset = self._calendar.offset_s()
        hours, minutes = divmod(abs(offset) // 60, 60)
        return as_json(
            200,
            {
                "portalId": self._premises.portal_id,
                "accountType": "DEVELOPER_TEST",
                "timeZone": self._premises.scenario.time_zone,
                "companyCurrency": "EUR",
                "additionalCurrencies": [],
                "utcOffset": f"{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}",
                "utcOffsetMilliseconds": offset * 1000,
                "uiDomain": "app.hubspot.com",
                "dataHostingLocation": "na1",
            },
        )

    def usage(self, request: Request) -> Answer:
        """Tell how many requests all apps of the account have made today."""
        del request
        daily = self._premises.scenario.quota.daily
        midnight = round(self._calendar.midnight().timestamp() * 1000)
        usage = {
            "name": "private-apps-api-calls-daily",
            "usageLimit": None if daily == "none" else daily,
            "currentUsage": self._quota.used_today(),
            "collectedAt": show_moment(self._premises.now()),
            "fetchStatus": "SUCCESS",
            "resetsAt": show_moment(midnight),
        }
        return as_json(200, {"results": [usage]})
