"""Tells what a sentence is about, by the classifiers that were trained, and answers it."""

import json
import math
import re

from object_store import store
from object_store.settings import from_environment


@store.action
def main(args):
    """Answers `text` with a response of the intent whose classifier scores highest.

    intents: the object in `chatbot-data` with the responses. classifiers: the objects of the weights, `bucket/key`.
    Returns `intent`, `score` (0 to 1) and `response`.
    """
    context = args.get("context") or {}
    config, db_config = from_environment()
    objects = store.ObjectStore(config, ["chatbot-data", "chatbot-matrices", "chatbot-weights"], db_config)
    for bucket, key in [("chatbot-data", args["intents"]), ("chatbot-matrices", "words.txt")] + [tuple(name.split("/", 1)) for name in args["classifiers"]]:
        objects.get_sync(context, bucket, key)
    with open("chatbot-matrices/words.txt", encoding="utf-8") as file:
        words = {word: i for i, word in enumerate(file.read().split())}
    found = [words[word] for word in set(re.findall(r"[a-z']+", args["text"].lower())) if word in words]

    best, highest = None, 0.0
    for name in args["classifiers"]:
        with open(name) as file:
            classifier = json.load(file)
        total = classifier["weights"][-1] + sum(classifier["weights"][i] for i in found)
        score = 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
        if score > highest:
            best, highest = classifier["intent"], score
    with open("chatbot-data/" + args["intents"], encoding="utf-8") as file:
        responses = next(entry["responses"] for entry in json.load(file)["intents"] if entry["intent"] == best)
    return {"intent": best, "score": round(highest, 3), "response": responses[len(args["text"]) % len(responses)]}
