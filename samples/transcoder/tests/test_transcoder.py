"""Runs the three actions one after another on generated films, with a folder as object store.

/usr/bin/python3 -m unittest discover -s samples/transcoder/tests
"""

import array
import contextlib
import functools
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

SAMPLE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SAMPLE.parents[1] / "sdk" / "python"))

SIZES = {"360p": (480, 360), "480p": (858, 480), "720p": (1280, 720), "1080p": (1920, 1080)}
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")

# Every second for a tenth of it: a white picture and a tone, which must stay together.
FLASH = "drawbox=color=white:t=fill:enable='lt(mod(t,1),0.1)'"
BEEP = "aevalsrc='sin(2*PI*1000*t)*lt(mod(t,1),0.1)':s=48000:d=%s"


def load(name):
    spec = importlib.util.spec_from_file_location(name, SAMPLE / "actions" / (name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


splitter, transcoder, combiner = load("splitter"), load("transcoder"), load("combiner")


def run(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout


def make(path, *arguments):
    run("ffmpeg", "-nostdin", "-v", "error", "-y", *arguments, str(path))


def flashes(rate, seconds):
    """A film's input options: dark, with a flash and a beep every second."""
    picture = "color=c=0x202020:s=320x240:r=%s:d=%s,%s" % (rate, seconds, FLASH)
    return ("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", BEEP % seconds)


@functools.lru_cache(None)
def probe(path):
    return json.loads(run("ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(path)))


@functools.lru_cache(None)
def frame_times(path):
    """Seconds of each shown frame since the film's start."""
    start = float(probe(path)["format"]["start_time"])
    shown = run("ffprobe", "-v", "error", "-select_streams", "V:0", "-show_entries", "frame=pts_time", "-of", "csv=p=0", str(path))
    return [float(line.split(b",")[0]) - start for line in shown.splitlines() if line]


def onsets(levels, times, threshold):
    """When `levels` rises over the threshold after at least half a second of being under it."""
    found, last = [], -1.0
    for level, time in zip(levels, times):
        if level > threshold:
            if time - last > 0.5:
                found.append(time)
            last = time
    return found


def picture_onsets(path):
    grey = run("ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-map", "0:V:0", "-vf", "scale=1:1", "-fps_mode", "passthrough",
               "-pix_fmt", "gray", "-f", "rawvideo", "-")
    return onsets(grey, frame_times(path), 128)


def sound_onsets(path):
    filters = "asetpts=PTS-%s/TB,aresample=48000:async=1:first_pts=0" % probe(path)["format"]["start_time"]
    samples = array.array("h", run("ffmpeg", "-nostdin", "-v", "error", "-copyts", "-i", str(path), "-map", "0:a:0", "-ac", "1",
                                   "-af", filters, "-f", "s16le", "-"))
    return onsets(map(abs, samples), (number / 48000 for number in range(len(samples))), 6000)


class TranscoderTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("ffmpeg") or not shutil.which("ffprobe"):
            raise AssertionError("These tests need ffmpeg and ffprobe: apt-get install ffmpeg.")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.work, self.store = Path(folder.name, "work"), Path(folder.name, "store")
        self.work.mkdir()
        (self.store / "input-video").mkdir(parents=True)
        before = os.getcwd()
        os.chdir(self.work)
        self.addCleanup(os.chdir, before)
        environment = mock.patch.dict(os.environ, STORAGE_ENDPOINT=self.store.as_uri())
        environment.start()
        self.addCleanup(environment.stop)

    def call(self, main, action_id, **parameters):
        """The reply without its report, which is in `self.report`; an action leaves no local file behind."""
        context = {"action_id": action_id * 24, "orch_id": "0" * 24}
        with contextlib.redirect_stderr(io.StringIO()):
            reply = main(dict(parameters, context=context, __orchestration={"attempt": 1, "fencing": []}))
        self.report = (reply.get("error") or reply).pop("__orchestration")
        left = [str(path) for path in self.work.rglob("*") if path.is_file()]
        self.assertEqual(left, [])
        return reply

    def film(self, name, *arguments):
        path = self.store / "input-video" / name
        make(path, *arguments)
        return path

    def pipeline(self, name, chunks=5, resolution="360p"):
        """The path of the processed film; the splitter's result is in `self.split`."""
        self.split = self.call(splitter, "1", input=name, num_chunks=chunks)
        self.assertNotIn("error", self.split)
        done = [self.call(transcoder, "2", input=chunk, resolution=resolution) for chunk in self.split["splits"]]
        combined = self.call(
            combiner, "3", input=[d["output_file"] for d in done], starts=self.split["starts"], sound=self.split["sound"]
        )
        self.assertNotIn("error", combined)
        self.assertTrue(combined["output_file"].startswith("processed-video/output_"))
        return self.store / combined["output_file"]

    def check(self, source, output, resolution="360p", tolerance=0.002):
        """The size is right, every frame of the source is there at its time, and the film decodes without a word."""
        before, after = probe(source), probe(output)
        video = next(s for s in after["streams"] if s["codec_type"] == "video")
        self.assertEqual((video["width"], video["height"]), SIZES[resolution])
        self.assertAlmostEqual(float(after["format"]["duration"]), float(before["format"]["duration"]), delta=0.1)
        kinds = [sorted(s["codec_type"] for s in found["streams"]) for found in (before, after)]
        self.assertEqual(kinds[1], kinds[0])

        expected, times = frame_times(source), frame_times(output)
        self.assertEqual(len(times), len(expected))
        self.assertLess(max(abs(a - b) for a, b in zip(times, expected)), tolerance)
        decoded = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", str(output), "-f", "null", "-"], capture_output=True)
        self.assertEqual(decoded.stderr, b"")

    def check_sync(self, source, output):
        """Pictures and tones begin when they did, and so still together."""
        for found, kind in ((picture_onsets, "picture"), (sound_onsets, "sound")):
            before, after = found(source), found(output)
            self.assertGreater(len(before), 3, kind)
            self.assertEqual(len(after), len(before), kind)
            self.assertLess(max(abs(a - b) for a, b in zip(before, after)), 0.012, kind)

    def test_a_minute_with_sound_in_every_chunk(self):
        source = self.film("clip.mp4", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=60", "-f", "lavfi", "-i", "sine=d=60",
                           *H264, "-g", "60", "-c:a", "aac")
        self.check(source, self.pipeline("clip.mp4"))
        self.assertEqual([round(start) for start in self.split["starts"]], [0, 12, 24, 36, 48])

    def test_sound_stays_in_sync_over_many_borders(self):
        source = self.film("flash.mp4", *flashes(25, 10), *H264, "-g", "25", "-c:a", "aac")
        output = self.pipeline("flash.mp4", chunks=10)
        self.assertEqual(len(self.split["splits"]), 10)
        self.check(source, output)
        self.check_sync(source, output)

    def test_variable_frame_rate_with_b_frames(self):
        # Three of four seconds keep only every fifth frame, so that frames of 33 and 167 ms meet at the borders.
        source = self.film("vfr.mp4", *flashes(30, 8), "-vf", FLASH + ",select='lt(mod(t,4),1)+not(mod(n,5))'", "-fps_mode", "vfr",
                           "-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-b-pyramid", "normal", "-g", "12", "-pix_fmt", "yuv420p",
                           "-c:a", "aac")
        output = self.pipeline("vfr.mp4", chunks=5)
        self.assertEqual(len(self.split["splits"]), 5)
        self.check(source, output)
        self.check_sync(source, output)

    def test_open_groups_of_pictures(self):
        source = self.film("open.mkv", *flashes(25, 5), "-c:v", "mpeg2video", "-b:v", "2M", "-bf", "2", "-g", "25", "-c:a", "aac")
        output = self.pipeline("open.mkv", chunks=4)
        self.assertEqual(len(self.split["splits"]), 1, "an open group cannot be decoded without the one before it")
        self.check(source, output)
        self.check_sync(source, output)

    def test_24_frames_per_second_and_more_chunks_than_key_frames(self):
        source = self.film("short.mp4", *flashes(24, 7.3), *H264, "-g", "48", "-c:a", "aac")
        output = self.pipeline("short.mp4", chunks=50, resolution="480p")
        self.assertEqual(len(self.split["splits"]), 4)
        self.check(source, output, "480p")
        self.check_sync(source, output)

    def test_ntsc_rate_is_kept_exactly(self):
        source = self.film("ntsc.mp4", *flashes("30000/1001", 5), *H264, "-g", "30", "-c:a", "aac")
        output = self.pipeline("ntsc.mp4", chunks=3)
        self.check(source, output)
        self.assertEqual(probe(output)["streams"][0]["r_frame_rate"], "30000/1001")

    def test_one_chunk_without_sound(self):
        source = self.film("silent.mp4", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=2", *H264, "-g", "25")
        output = self.pipeline("silent.mp4", chunks=1, resolution="720p")
        self.assertEqual((len(self.split["splits"]), self.split["sound"]), (1, None))
        self.check(source, output, "720p")

    def test_several_chunks_without_sound(self):
        source = self.film("silent.mp4", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=2", *H264, "-g", "25")
        self.check(source, self.pipeline("silent.mp4", chunks=2, resolution="1080p"), "1080p")

    def test_matroska_and_webm(self):
        source = self.film("film.mkv", *flashes(25, 5), *H264, "-g", "25", "-c:a", "flac")
        output = self.pipeline("film.mkv", chunks=3)
        self.check(source, output)
        self.check_sync(source, output)

        source = self.film("web.webm", *flashes(25, 5), "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "25",
                           "-c:a", "libopus")
        output = self.pipeline("web.webm", chunks=3)
        self.assertTrue(self.split["splits"][0].endswith(".mkv"))
        self.check(source, output, tolerance=0.02)
        self.check_sync(source, output)

    def test_a_picture_that_begins_after_the_sound_and_a_sound_after_the_picture(self):
        # In a transport stream time stamps don't begin at 0 either.
        make("flash.mkv", *flashes(25, 5), *H264, "-g", "25", "-c:a", "aac")
        films = []
        for late, early, ending in (("v", "a", "mkv"), ("a", "v", "ts")):
            films.append(self.film("late-%s.%s" % (late, ending), "-itsoffset", "0.7", "-i", "flash.mkv", "-i", "flash.mkv",
                                   "-map", "0:" + late, "-map", "1:" + early, "-c", "copy"))
        os.remove("flash.mkv")
        for source in films:
            output = self.pipeline(source.name, chunks=3)
            self.assertEqual(len(self.split["splits"]), 3)
            self.assertEqual(len(frame_times(output)), len(frame_times(source)))
            self.check_sync(source, output)

    def test_running_an_action_again_writes_the_same_keys(self):
        self.film("odd name (ü) 100%d's.mp4", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=10:d=2", *H264, "-g", "10")
        written = []
        for _ in range(2):
            output = self.pipeline("odd name (ü) 100%d's.mp4", chunks=2)
            written.append(([entry["object"] for entry in self.report["writes"]], self.split, output))
        self.assertEqual(written[0], written[1])
        other = self.call(splitter, "4", input="odd name (ü) 100%d's.mp4", num_chunks=2)
        self.assertFalse(set(other["splits"]) & set(self.split["splits"]))

    def test_the_report_names_what_each_action_read_and_wrote(self):
        self.film("clip.mp4", *flashes(25, 2), *H264, "-g", "25", "-c:a", "aac")
        split = self.call(splitter, "1", input="clip.mp4", num_chunks=2)
        self.assertEqual([entry["object"] for entry in self.report["reads"]], ["input-video/clip.mp4"])
        self.assertEqual([entry["object"] for entry in self.report["writes"]],
                         ["output-chunks/" + key for key in split["splits"] + [split["sound"]]])

    def test_a_missing_input_is_the_error_of_the_contract(self):
        starts = {"starts": [0.0], "sound": None}
        for main, parameters, key in (
            (splitter, {"input": "none.mp4"}, "input-video/none.mp4"),
            (transcoder, {"input": "none.mp4", "resolution": "360p"}, "output-chunks/none.mp4"),
            (combiner, dict(starts, input=["none.mp4"]), "transcoded-chunks/none.mp4"),
        ):
            error = self.call(main, "1", **parameters)["error"]
            self.assertEqual((error["code"], error["meta"]), ("NoSuchKey", {"key": key}))
            self.assertEqual([entry["object"] for entry in self.report["missing"]], [key])

    def test_parameters_that_make_no_sense(self):
        error = self.call(transcoder, "1", input="chunk.mp4", resolution="361p")["error"]
        self.assertEqual(error["code"], 404)
        self.assertIn("'361p': use one of 360p, 480p", error["message"])
        self.assertEqual(self.call(splitter, "1", input="a.mp4", num_chunks=0)["error"]["code"], 400)
        self.assertEqual(self.call(combiner, "1", input=[], starts=[])["error"]["code"], 400)
        self.assertEqual(self.call(combiner, "1", input=["a"], starts=[0.0, 1.0])["error"]["code"], 400)

    def test_an_input_that_is_no_film(self):
        (self.store / "input-video" / "text.mp4").write_text("no film at all")
        self.assertEqual(self.call(splitter, "1", input="text.mp4")["error"]["code"], "VideoError")
        self.film("sound.m4a", "-f", "lavfi", "-i", "sine=d=1")
        self.assertIn("no video stream", self.call(splitter, "1", input="sound.m4a")["error"]["message"])


if __name__ == "__main__":
    unittest.main()
