"""A HubSpot portal on this machine, to rehearse against and to test against.

It is a second reading of the published API: it shares no code with the client, and so
none of the client's mistakes. It speaks HTTP only.

Features

* Calls are created, read, changed and archived in batches, and searched; their
  associations are read; properties and groups are listed and added, owners and
  validation rules listed; the account tells who it is. Both ``v3`` and dated paths.
* 201, 207 or 400 as published: per-input answers for inputs that each have a trace ID
  of their own, all or nothing otherwise; results in another order than the inputs.
* Every input is checked against the portal's properties: types, options, read-only
  values, unique values, associations.
* A true rolling window of requests, a daily allowance that ends at the portal's
  midnight, searches apart; the headers that tell what is left.
* Weather: twenty kinds of fault, by count or by chance from a seed, the same every
  time.
* State in one file that survives a restart, also requests that are cut off and
  performed later. Every write is durable before its answer leaves.
* An audit, which says what the portal has and what it has twice. For it the portal
  remembers the trace ID of every create, even where no answer ever shows it.

In a test::

    async with running(scenario=Scenario(installed=("loader_trace_id",))) as portal:
        await load_into(portal.base_url)
        assert not portal.audit().duplicates

A scenario is a TOML file; whatever it leaves out is fair weather, see ``Scenario``::

    seed = 7
    installed = ["loader_trace_id"]    # a unique property, there from the start
    echo = true                        # results carry objectWriteTraceId
    read_missing = "omit"

    [quota]
    limit = 190                        # or "none"
    neighbour = { share = 0.5 }        # others use the same app; after_s, until_s

    [[quota.change]]                   # another limit from then on
    at_s = 60
    limit = 100

    [[fault]]
    kind = "lost_answer"               # performed, and the connection ends
    share = 0.05                       # or every = 20, or requests = [3, 7]

    [[fault]]
    kind = "late_write"                # performed a second after the connection ended
    endpoint = "create"
    requests = [2]
    delay_ms = 1000

The kinds: ``latency`` · refused: ``throttle``, ``daily``, ``unauthorized``, ``locked``,
``migrating`` · not done: ``error_before``, ``lost_request`` · done or not:
``refuse_batch``, ``hang`` · done later: ``late_write`` · done, but: ``error_after``,
``lost_answer``, ``omission``, ``duplicate_result``, ``foreign_result``, ``pending``,
``truncated``, ``html_200``, ``slow_drip``. Their settings are in ``faults``.

The way of a request::

    HTTP ──> server ──> portal.admit: gate (quota), weather
                           │ the delay that the weather wants
                        portal.meet: fault ──> counter ──> store
                           │            creation, reading, search, properties, account,
                           │            owners
    HTTP <── handout <── delivery: an answer, part of one, or none

=============  ====================================================================
``running``    a portal that runs; ``server`` and ``handout`` are its network
``portal``     all decisions, no network; ``premises`` is what its counters share
``creation``   and the other counters: requests become answers
``validate``   one input against ``schema``, which is what a call can have
``gate``       token, scopes, media type, ``quota``
``weather``    when faults strike; ``fault``, ``faults``, ``distortion``: what they do
``rule``       what administrators demand of values
``scenario``   what the portal is like; ``complaint``: why a file is no scenario
``store``      what the portal remembers, in ``store.sql``; ``audit`` reads it
``wire``       requests and answers; ``refusals``, ``shown``, ``routes``: their forms
``visits``     which requests the portal has seen
=============  ====================================================================

Decisions

* *A request is admitted on arrival, and performed after its delay*, even when its
  client has gone meanwhile: that is how a late write happens in earnest.
* *Faults strike only requests that the quota lets in*, so that "the third create" is
  the third that could have been performed.
* *SQLite in the event loop's own thread*: a request is one transaction of about a
  millisecond; instead of a thread that would have to keep the order.
* *Where HubSpot's behaviour is not published, a switch* in the scenario rather than a
  guess: a client should survive both.

Limitations, which ``loader sandbox`` prints as well: see ``LIMITATIONS``.
"""

from .audit import Audit, Duplicate, StoredCall, audit, read_calls
from .running import Sandbox, running, serve
from .scenario import QuotaSettings, Scenario, ScenarioError, load_scenario
from .store import StateError
from .visits import Visit, Visits

#: what a rehearsal here does not show
LIMITATIONS: tuple[str, ...] = (
    "Calls: batch create, read, update, archive, and search; no upsert or imports.",
    "Associations of calls can be read and their types listed, and that is all.",
    "Beside them only properties, their groups, owners, account details, daily usage.",
    "27 of about 80 default properties of calls.",
    "Texts are checked for length only, activity types not at all.",
    "Owners are checked only if the scenario names some.",
    "There are no contacts, companies or deals: any number can be associated with.",
    "Types of association that users defined lead to contacts.",
    "Validation rules: lengths, bounds of numbers and digits only; no others.",
    "What HubSpot has not published is a switch of the scenario, with a default.",
    "Error messages beyond the published examples are in the sandbox's own words.",
    "Archiving a call frees its unique values at once, and cannot be undone.",
    "Fields that a body should not have are ignored; so is propertiesWithHistory.",
    "Search knows EQ, NEQ, IN, NOT_IN, HAS_PROPERTY, NOT_HAS_PROPERTY; sorts as text.",
    "No other app uses up the account's day.",
    "After a restart the day's count goes on; rolling windows and weather begin anew.",
    "Neither OAuth nor TLS: any bearer token will do.",
    "Its speed says nothing about HubSpot's, and its largest body (16 MiB) is a guess.",
    "A killed sandbox loses nothing; a power cut may cost it the last moments.",
    "One process at a time serves one state file.",
)

__all__ = [
    "LIMITATIONS",
    "Audit",
    "Duplicate",
    "QuotaSettings",
    "Sandbox",
    "Scenario",
    "ScenarioError",
    "StateError",
    "StoredCall",
    "Visit",
    "Visits",
    "audit",
    "load_scenario",
    "read_calls",
    "running",
    "serve",
]
