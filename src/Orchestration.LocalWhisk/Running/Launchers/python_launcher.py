"""Runs one Python action for the local OpenWhisk: argv = socket path, token of this process.

The socket carries frames, a four-byte big-endian length and that many bytes. To the server a frame begins with a letter:
A initialised, I initialisation failed (JSON), R the action's result (its JSON text). The server's frames are JSON.
stdout and stderr belong to the action; after each run the end mark is written to both.
"""
import json
import os
import signal
import socket
import struct
import sys
import traceback
import types

NOT_BUILT = "The action failed to generate or locate a binary. See logs for details."
NOT_STARTED = "Cannot start action. Check logs for details."


class Channel:
    def __init__(self, path, token):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(path)
        self._reader = self._socket.makefile("rb", 65536)
        self.send(b"", token.encode())

    def send(self, letter, payload):
        self._socket.sendall(struct.pack(">I", len(letter) + len(payload)) + letter + payload)

    def receive(self):
        header = self._reader.read(4)
        if len(header) < 4:
            end_with_children()
        (length,) = struct.unpack(">I", header)
        payload = self._reader.read(length)
        if len(payload) < length:
            end_with_children()
        return json.loads(payload)


def end_with_children():
    """The server is gone: nobody waits for this process or for what it started."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass  # the action replaced or closed it


def write_end_marks(mark):
    flush()
    for descriptor in (1, 2):
        try:
            os.write(descriptor, mark)
        except OSError:
            pass  # the action closed it


def load(main):
    """Returns (function, None) or (None, error text); what went wrong in detail is on stderr."""
    folder = os.getcwd()
    if os.path.isdir("virtualenv"):
        for activate in ("virtualenv/bin/activate_this.py", "virtualenv/Scripts/activate_this.py"):
            if os.path.exists(activate):
                with open(activate, encoding="utf-8") as script:
                    exec(compile(script.read(), os.path.abspath(activate), "exec"), {"__file__": os.path.abspath(activate)})
                break
        else:
            print("Invalid virtualenv: the zip file does not include activate_this.py.", file=sys.stderr)
            return None, NOT_BUILT
    if not os.path.isfile("__main__.py"):
        print("The zip file does not include __main__.py at its root.", file=sys.stderr)
        return None, NOT_BUILT
    # Under its own name the module would look like a program, and its `if __name__ == "__main__"` would run.
    path = os.path.join(folder, "main__.py")
    os.replace("__main__.py", path)
    try:
        with open(path, "rb") as source:
            code = compile(source.read(), path, "exec")
    except (SyntaxError, ValueError):
        traceback.print_exc(limit=0)
        return None, NOT_BUILT
    module = types.ModuleType("main__")
    module.__file__ = path
    sys.modules["main__"] = module
    try:
        exec(code, module.__dict__)
        function = getattr(module, main)
        if not callable(function):
            raise TypeError(f"'{main}' is not a function")
    except BaseException:
        traceback.print_exc()
        return None, NOT_STARTED
    return function, None


def serve(channel):
    pid = os.getpid()
    request = channel.receive()
    os.environ.update(request["env"])
    mark = request["mark"].encode()
    function, error = load(request["main"])
    if error is not None:
        flush()
        channel.send(b"I", json.dumps({"error": error}).encode())
        return
    channel.send(b"A", b"")
    while True:
        request = channel.receive()
        os.environ.update(request["env"])
        try:
            result = function(request["value"])
        except Exception as exception:
            traceback.print_exc()
            result = {"error": str(exception)}
        if os.getpid() != pid:
            return  # a forked child of the action that came back here
        reply = json.dumps(result, ensure_ascii=False).encode()
        write_end_marks(mark)
        channel.send(b"R", reply)


def main():
    try:
        os.setsid()
    except OSError:
        pass  # it already leads a group
    path, token = sys.argv[1:3]
    sys.argv = [""]
    sys.path[0] = os.getcwd()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")
    code = 1
    try:
        serve(Channel(path, token))
    except SystemExit as exit_request:
        code = exit_request.code if isinstance(exit_request.code, int) else 1
    except BaseException:
        traceback.print_exc()
    flush()
    # Threads that the action left behind must not keep a dead process alive.
    os._exit(code & 255)


main()
