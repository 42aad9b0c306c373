"""The sample as a Python orchestrator. With --lose-chunk a transcoded chunk is removed before they are joined, and the action that made it runs again."""

import argparse
import asyncio
import os
import shutil

from BaseOrchestrator import BaseOrchestrator

# What 'wsk property get --auth' prints; this one is the development key of every OpenWhisk, and of the local one.
auth = ("23bc46b1-71f6-4ed5-8c54-816aa4f8c502", "123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP")
orch = BaseOrchestrator(auth)


async def make(actions, **options):
    results = await orch.make_action(actions, **options)
    for result in results:
        if not result["success"]:
            raise Exception("An action failed: %s" % (result["error"],))
    return [result["result"] for result in results]


def upload(film):
    """Puts the film into the object store; put_sync uploads the local file input-video/NAME."""
    name = os.path.basename(film)
    store = orch.object_store("input-video")
    if os.path.abspath(film) != os.path.abspath("input-video/" + name):
        shutil.copyfile(film, "input-video/" + name)
    store.put_sync({}, "input-video", name)
    return name


async def main(film, chunks, resolution, lose_chunk):
    name = upload(film)
    orch.start("video-transcoding")

    (split,) = await make([orch.prepare_action("splitter", {"input": name, "num_chunks": chunks})])
    transcoded = await make([orch.prepare_action("transcoder", {"input": chunk, "resolution": resolution}) for chunk in split["splits"]], parallelisation=2)
    files = [chunk["output_file"] for chunk in transcoded]
    if lose_chunk:
        orch.store.remove_object({}, "transcoded-chunks", files[0])
        print("removed transcoded-chunks/%s" % files[0])
    (combined,) = await make([orch.prepare_action("combiner", {"input": files, "starts": split["starts"], "sound": split["sound"]})], object_ownership=False)
    print("output: %s" % combined["output_file"])
    orch.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("film", help="any film that ffmpeg reads")
    parser.add_argument("--chunks", type=int, default=5)
    parser.add_argument("--resolution", default="360p", choices=("360p", "480p", "720p", "1080p"))
    parser.add_argument("--lose-chunk", action="store_true")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.film, arguments.chunks, arguments.resolution, arguments.lose_chunk))
