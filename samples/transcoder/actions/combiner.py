"""Joins transcoded chunks to one film again and adds the sound."""

import os
import re
import subprocess

from object_store import store
from object_store.settings import from_environment


class VideoError(Exception):
    """The chunks don't make a film."""


@store.action
def main(args):
    """Joins the objects `input` of `transcoded-chunks` and the sound into `processed-video`.

    starts: the seconds at which each chunk begins in the film. sound: key of the sound in `output-chunks`, or None.
    Returns `output_file`, with its bucket.
    """
    names, starts, sound = args["input"], args["starts"], args.get("sound")
    if not names or len(names) != len(starts):
        message = "There are %d chunks and %d starts: there must be one start for each chunk." % (len(names or ()), len(starts))
        return {"error": {"code": 400, "message": message, "meta": None}}

    context = args.get("context") or {}
    config, db_config = from_environment()
    objects = store.ObjectStore(config, ["output-chunks", "transcoded-chunks", "processed-video"], db_config)

    output = re.sub(r"^chunk_\d+_", "output_", names[0])
    target = "processed-video/" + output
    listing = "transcoded-chunks/%s.txt" % output
    local = ["transcoded-chunks/" + name for name in names] + (["output-chunks/" + sound] if sound else [])
    try:
        for path in local:
            objects.get_sync(context, *path.split("/", 1))
        write_listing(listing, names, starts)
        join(listing, starts[0], local[-1] if sound else None, target)
        objects.put_sync(context, "processed-video", output)
        return {"output_file": target}
    finally:
        for path in local + [listing, target]:
            if os.path.exists(path):
                os.remove(path)


def write_listing(path, names, starts):
    """The list for ffmpeg's concat demuxer.

    A chunk lasts until the next one begins: its own file doesn't know how long its last frame is shown,
    and such errors would add up to a film that runs away from its sound.
    """
    with open(path, "w") as listing:
        for number, name in enumerate(names):
            listing.write("file '%s'\n" % name.replace("'", r"'\''"))
            if number + 1 < len(starts):
                listing.write("duration %.6f\n" % (starts[number + 1] - starts[number]))


def join(listing, start, sound, target):
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
    command += ["-itsoffset", "%.6f" % start, "-f", "concat", "-safe", "0", "-i", listing]
    command += (["-i", sound] if sound else []) + ["-map", "0:v"] + (["-map", "1:a"] if sound else [])
    command += ["-c", "copy", "-movflags", "+faststart", target]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    except FileNotFoundError:
        raise VideoError("ffmpeg is not installed: apt-get install ffmpeg.") from None
    if done.returncode:
        raise VideoError("ffmpeg failed on %s: %s" % (target, done.stderr.strip()[-1000:]))
