"""Cuts a film into chunks at key frames, without decoding it, and takes its sound out whole."""

import glob
import json
import os
import re
import subprocess

from object_store import store
from object_store.settings import from_environment

# What an mp4 file can hold; it keeps the frames' exact times, which Matroska rounds to milliseconds.
MP4_CODECS = ("h264", "hevc", "mpeg4", "av1", "vp9")


class VideoError(Exception):
    """The input is no film that ffmpeg can read."""


@store.action
def main(args):
    """Splits `input-video/<input>` into at most `num_chunks` (default 5) objects in `output-chunks`.

    Returns `splits`, their keys in order; `starts`, the seconds at which each begins in the film; `sound`, the key of
    the film's first sound track as AAC, or None. There are fewer chunks where the film has fewer key frames.
    """
    name = args["input"]
    count = int(args.get("num_chunks", 5))
    if count < 1:
        return {"error": {"code": 400, "message": "num_chunks is %d: it must be at least 1." % count, "meta": None}}

    context = args.get("context") or {}
    config, db_config = from_environment()
    objects = store.ObjectStore(config, ["input-video", "output-chunks"], db_config)

    # An action keeps its id when it runs again to make a lost object again: so it writes the same keys,
    # and two runs over one film don't mix.
    stamp = "%s_%s" % (re.sub(r"[^A-Za-z0-9-]", "_", os.path.splitext(os.path.basename(name))[0])[:80], context.get("action_id", "local"))
    source = "input-video/" + name
    sound = "sound_%s.m4a" % stamp
    try:
        objects.get_sync(context, "input-video", name)
        codec, has_sound, beginning = probe(source)
        extension = ".mp4" if codec in MP4_CODECS else ".mkv"

        times = borders(source, count, beginning)
        splits = ["chunk_%d_%s%s" % (number, stamp, extension) for number in range(len(times))]
        cut(source, times, "output-chunks/chunk_%d_" + stamp + extension)
        for split in splits:
            objects.put_sync(context, "output-chunks", split)

        if has_sound:
            # The resampler fills what is missing at the beginning and in gaps, so that sample 0 is the film's time 0.
            filters = "asetpts=PTS-%.6f/TB,aresample=async=1:first_pts=0" % beginning
            run_ffmpeg("-copyts", "-i", source, "-map", "0:a:0", "-c:a", "aac", "-b:a", "160k", "-af", filters,
                       "-map_chapters", "-1", "output-chunks/" + sound)
            objects.put_sync(context, "output-chunks", sound)
        return {"splits": splits, "starts": [round(time - beginning, 6) for time in times], "sound": sound if has_sound else None}
    finally:
        for path in [source, "output-chunks/" + sound] + glob.glob("output-chunks/chunk_*_%s.*" % stamp):
            if os.path.exists(path):
                os.remove(path)


def probe(path):
    """(codec of the film's first video stream, whether it has sound, its first time stamp in seconds)."""
    found = json.loads(run("ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", path))
    videos = [s for s in found["streams"] if s["codec_type"] == "video" and not s["disposition"].get("attached_pic")]
    if not videos:
        raise VideoError("%s has no video stream." % path)
    has_sound = any(s["codec_type"] == "audio" for s in found["streams"])
    return videos[0]["codec_name"], has_sound, float(found["format"].get("start_time", 0))


def borders(path, count, beginning):
    """Time stamps in seconds where at most `count` chunks begin: key frames nearest to equal parts."""
    packets = run("ffprobe", "-v", "error", "-select_streams", "V:0", "-show_entries", "packet=pts_time,flags", "-of", "csv=p=0", path)
    keys, end = [], None
    for line in packets.splitlines():
        # Some packets have no time, and side data of others are lines of their own.
        time, _, flags = line.partition(",")
        if not flags or time == "N/A":
            continue
        time = float(time)
        end = time if end is None else max(end, time)
        if "K" in flags:
            keys.append(time)
        elif len(keys) > 1 and time < keys[-1]:
            # An open group: this frame follows its key frame but is shown before it, and needs frames from before it too.
            keys.pop()
    if not keys:
        return [beginning]
    ideal = (keys[0] + (end - keys[0]) * number / count for number in range(1, count))
    return sorted({keys[0]} | {min(keys, key=lambda key: abs(key - time)) for time in ideal})


def cut(path, times, pattern):
    """Copies the film's pictures into one file for each of `times`, `pattern` with its number."""
    where = ("-segment_times", ",".join("%.6f" % time for time in times[1:])) if times[1:] else ("-segment_time", "1000000000")
    run_ffmpeg(
        # The film's own time stamps: by default ffmpeg moves them, by the start of the streams in use and by the
        # reordering delay of the first pictures, and would then cut at other key frames.
        "-fflags", "+genpts", "-copyts", "-i", path, "-map", "0:V:0", "-map_chapters", "-1", "-c", "copy", "-avoid_negative_ts", "disabled",
        "-f", "segment", *where, "-segment_time_delta", "0.0005", "-reset_timestamps", "1",
        "-segment_format", "mp4" if pattern.endswith(".mp4") else "matroska", pattern,
    )
    if os.path.exists(pattern % len(times)) or not os.path.exists(pattern % (len(times) - 1)):
        raise VideoError("%s could not be cut at its key frames (%s)." % (path, where[1]))


def run_ffmpeg(*arguments):
    """Runs ffmpeg on half of the processors: two actions run at a time."""
    run("ffmpeg", "-nostdin", "-v", "error", "-y", "-threads", str(max(1, (os.cpu_count() or 2) // 2)), *arguments)


def run(*command):
    """What the command prints; VideoError with its last words when it fails."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    except FileNotFoundError:
        raise VideoError("%s is not installed: apt-get install ffmpeg." % command[0]) from None
    if done.returncode:
        raise VideoError("%s failed: %s" % (command[0], done.stderr.strip()[-1000:]))
    return done.stdout
