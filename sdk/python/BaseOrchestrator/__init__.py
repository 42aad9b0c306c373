"""Orchestrators in Python: the class of the Python system that this project replaces, on its service.

>>> import asyncio
>>> from BaseOrchestrator import BaseOrchestrator
>>>
>>> async def main():
...     orch = BaseOrchestrator(auth)
...     orch.start("greetings")
...     results = await orch.make_action([orch.prepare_action("hello", {"input": name}) for name in ("Ada", "Bo")])
...     orch.stop()
>>>
>>> asyncio.run(main())
"""

from .orchestrator import BaseOrchestrator
from .service import ServiceError

__all__ = ["BaseOrchestrator", "ServiceError"]
