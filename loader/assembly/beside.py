"""The pipeline, and beside it: telling how it stands, verifying the rest."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from loader.model.summary import Ending
from loader.pipeline.run import Run, run

from .watch import Watch


async def run_beside(
    parts: Run, watch: Watch, verifying: Coroutine[Any, Any, None]
) -> Ending:
    """Run the pipeline; a load is complete only when the rest was verified too."""
    telling = asyncio.create_task(watch.run(), name="watch")
    verified = asyncio.create_task(verifying, name="verify")
    try:
        ending = await run(parts)
        if ending is Ending.COMPLETE:
            await verified
            ending = parts.stop.ending if parts.stop.is_set else ending
    finally:
        for task in (telling, verified):
            task.cancel()
        await asyncio.gather(telling, verified, return_exceptions=True)
    return ending
