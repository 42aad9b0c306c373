namespace Orchestration.Host.Tests.Recovery;

/// <summary>
/// The action <c>link</c> of these tests: with <c>{"name", "in", "out"}</c> it reads objects of the bucket <c>b</c> and writes others, made of its name and what it read. Each call leaves its name as a line in
/// the file <c>calls</c>. It fails while there is a file <c>broken</c>, makes something longer while there is a file <c>other</c>, and waits for the file that <c>gate</c> names.
/// </summary>
internal static class LinkAction
{
    /// <summary>Its source.</summary>
    /// <param name="folder">Where its files are.</param>
    public static string Source(string folder) => """
        import os
        import time
        from object_store import store
        from object_store.settings import from_environment

        def path(name):
            return os.path.join("FOLDER", name)

        @store.action
        def main(args):
            with open(path("calls"), "a") as calls:
                calls.write(args["name"] + "\n")
            if os.path.exists(path("broken")):
                return {"error": {"code": "Broken", "message": args["name"] + " is broken"}}
            while args.get("gate") and not os.path.exists(path(args["gate"])):
                time.sleep(0.02)
            objects = store.ObjectStore(from_environment()[0], ["b"])
            read = []
            for name in args["in"]:
                objects.get_sync(args["context"], "b", name)
                with open("b/" + name) as content:
                    read.append(content.read())
            for name in args["out"]:
                with open("b/" + name, "w") as made:
                    made.write(args["name"] + "(" + ",".join(read) + ")" + ("!" if os.path.exists(path("other")) else ""))
                objects.put_sync(args["context"], "b", name)
            return {}
        """.Replace("FOLDER", folder, StringComparison.Ordinal);
}
