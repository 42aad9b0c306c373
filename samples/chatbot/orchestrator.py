"""The sample as a Python orchestrator: trains the classifiers and answers what is typed on the command line."""

import asyncio
import os
import shutil
import sys

from BaseOrchestrator import BaseOrchestrator

# What 'wsk property get --auth' prints; this one is the development key of every OpenWhisk, and of the local one.
auth = ("23bc46b1-71f6-4ed5-8c54-816aa4f8c502", "123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP")
orch = BaseOrchestrator(auth)
INTENTS = "intents.json"


async def make(actions, **options):
    results = await orch.make_action(actions, **options)
    for result in results:
        if not result["success"]:
            raise Exception("An action failed: %s" % (result["error"],))
    return [result["result"] for result in results]


async def main(text):
    store = orch.object_store("chatbot-data")
    shutil.copyfile(os.path.join(os.path.dirname(os.path.abspath(__file__)), INTENTS), "chatbot-data/" + INTENTS)
    store.put_sync({}, "chatbot-data", INTENTS)
    orch.start("chatbot")

    (split,) = await make([orch.prepare_action("split-action", {"intents": INTENTS, "bundle_size": 3})])
    trained = await make([orch.prepare_action("train-classifier", {"bundle": bundle}) for bundle in split["bundles"]], parallelisation=3)
    classifiers = [intent["object"] for bundle in trained for intent in bundle["intents"]]
    (answer,) = await make([orch.prepare_action("reply", {"text": text, "intents": INTENTS, "classifiers": classifiers})])
    print("%s (%s, %s)" % (answer["response"], answer["intent"], answer["score"]))
    orch.stop()


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:]) or "Hello, when do you open on Sunday?"))
