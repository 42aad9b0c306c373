"""Greets somebody, and keeps the greeting in the object store."""

from object_store import store
from object_store.settings import from_environment

BUCKET = "greetings"


# Turns an exception into the reply {"error": {"code", "message", "meta"}}, and tells the orchestrator what was read and written.
@store.action
def main(args):
    name = args.get("name")
    if not isinstance(name, str) or not name:
        return {"error": {"code": "BadInput", "message": "'name' takes a text, and is %r." % (name,), "meta": None}}
    print("greeting", name)

    config, db_config = from_environment()
    with store.ObjectStore(config, [BUCKET], db_config) as objects:
        # The local file greetings/NAME.txt becomes the object greetings/NAME.txt.
        file = "%s.txt" % name
        with open("%s/%s" % (BUCKET, file), "w") as target:
            target.write("Hello, %s!" % name)
        objects.put_sync(args.get("context"), BUCKET, file)

        # A missing object raises NoSuchKeyException: the orchestrator then runs the action again that made it, and this one afterwards.
        objects.get_sync(args.get("context"), BUCKET, file)
        with open("%s/%s" % (BUCKET, file)) as source:
            greeting = source.read()
    return {"greeting": greeting, "object": "%s/%s" % (BUCKET, file)}
