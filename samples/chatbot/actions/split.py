"""Makes the training data of each intent: matrices of which words its sentences have, against sentences of the others."""

import json
import re

from object_store import store
from object_store.settings import from_environment


@store.action
def main(args):
    """Reads the object `chatbot-data/<intents>`, `{"intents": [{"intent", "text": [...], "responses": [...]}]}`.

    Writes to `chatbot-matrices` the words, one a line, and per intent `NAME_pos.txt` and `NAME_neg.txt`: a sentence a line,
    a 1 or 0 a word. Returns `bundles`, lists of at most `bundle_size` (default 3) names.
    """
    size = int(args.get("bundle_size", 3))
    if size < 1:
        return {"error": {"code": 400, "message": "bundle_size is %d: it must be at least 1." % size, "meta": None}}
    context = args.get("context") or {}
    config, db_config = from_environment()
    objects = store.ObjectStore(config, ["chatbot-data", "chatbot-matrices"], db_config)
    objects.get_sync(context, "chatbot-data", args["intents"])
    with open("chatbot-data/" + args["intents"], encoding="utf-8") as file:
        intents = {entry["intent"]: entry["text"] for entry in json.load(file)["intents"]}

    words = sorted({word for texts in intents.values() for text in texts for word in words_of(text)})
    put(objects, context, "words.txt", words)
    rows = {name: [row_of(text, words) for text in texts] for name, texts in intents.items()}
    for name in intents:
        put(objects, context, name + "_pos.txt", rows[name])
        put(objects, context, name + "_neg.txt", [row for other in intents if other != name for row in rows[other]])
    names = list(intents)
    print("%d intents, %d words" % (len(names), len(words)))
    return {"bundles": [names[i:i + size] for i in range(0, len(names), size)], "words": len(words)}


def words_of(text):
    return re.findall(r"[a-z']+", text.lower())


def row_of(text, words):
    found = set(words_of(text))
    return " ".join("1" if word in found else "0" for word in words)


def put(objects, context, name, lines):
    with open("chatbot-matrices/" + name, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    objects.put_sync(context, "chatbot-matrices", name)
