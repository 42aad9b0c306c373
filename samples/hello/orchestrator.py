"""The sample as a Python orchestrator: each action gets what the one before returned."""

import asyncio
import sys

from BaseOrchestrator import BaseOrchestrator

# What 'wsk property get --auth' prints; this one is the development key of every OpenWhisk, and of the local one.
auth = ("23bc46b1-71f6-4ed5-8c54-816aa4f8c502", "123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP")
orch = BaseOrchestrator(auth)


async def run(name, text):
    result = (await orch.make_action([orch.prepare_action(name, {"input": text})]))[0]
    if not result["success"]:
        raise Exception("%s failed: %s" % (name, result["error"]))
    return result["result"]["output"]


async def main(text):
    orch.start("hello")
    for name in ("hello", "question", "answer"):
        text = await run(name, text)
        print("%s: %s" % (name, text))
    orch.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "World"))
