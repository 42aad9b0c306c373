"""Scales one chunk of a film to a resolution."""

import os
import subprocess

from object_store import store
from object_store.settings import from_environment

SCALES = {"360p": "480:360", "480p": "858:480", "720p": "1280:720", "1080p": "1920:1080"}

# Ticks per second: whole numbers of them per frame at all usual rates, also 24000/1001 and 30000/1001.
TIMESCALE = "240000"


class VideoError(Exception):
    """The chunk is no film that ffmpeg can read."""


@store.action
def main(args):
    """Scales `output-chunks/<input>` to `resolution` (default 360p) into `transcoded-chunks/<output_file>`."""
    name = args["input"]
    resolution = args.get("resolution", "360p")
    if resolution not in SCALES:
        message = "Unknown resolution '%s': use one of %s." % (resolution, ", ".join(SCALES))
        return {"error": {"code": 404, "message": message, "meta": None}}

    context = args.get("context") or {}
    config, db_config = from_environment()
    objects = store.ObjectStore(config, ["output-chunks", "transcoded-chunks"], db_config)

    source = "output-chunks/" + name
    output = "%s_%s.mp4" % (os.path.splitext(name)[0], resolution)
    target = "transcoded-chunks/" + output
    try:
        objects.get_sync(context, "output-chunks", name)
        transcode(source, target, SCALES[resolution])
        objects.put_sync(context, "transcoded-chunks", output)
        return {"output_file": output}
    finally:
        for path in (source, target):
            if os.path.exists(path):
                os.remove(path)


def transcode(source, target, scale):
    # Half of the processors: two actions run at a time.
    threads = str(max(1, (os.cpu_count() or 2) // 2))
    command = [
        "ffmpeg", "-nostdin", "-v", "error", "-y", "-threads", threads, "-i", source, "-map", "0:V:0",
        "-vf", "setpts=PTS-STARTPTS,scale=" + scale, "-filter_threads", threads,
        # Without B-frames each chunk's frames are in the order of time, and so are those of the joined film,
        # whatever their distances at the borders are.
        "-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-pix_fmt", "yuv420p", "-threads", threads,
        # Each frame at its own time; by default ffmpeg makes up and drops frames to get a constant rate.
        "-fps_mode", "passthrough", "-enc_time_base", "1:" + TIMESCALE, "-video_track_timescale", TIMESCALE, target,
    ]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    except FileNotFoundError:
        raise VideoError("ffmpeg is not installed: apt-get install ffmpeg.") from None
    if done.returncode:
        raise VideoError("ffmpeg failed on %s: %s" % (source, done.stderr.strip()[-1000:]))
