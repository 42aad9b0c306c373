"""Starts a server that speaks MongoDB's wire protocol on loopback: start.py PORT DIR [--replica-set NAME] [--deny COMMAND ...]

Port 0 takes a free one. Prints "listening PORT" and nothing else; ends with SIGTERM, and may be killed: what was acknowledged is in DIR.
With --replica-set it is one of a single member, and has transactions of inserts. A command that --deny names is refused as it is to a user
without the right to it. There are no users: whoever logs in is refused.
Needs Debian's python3-mongomock (the query language) and python3-pymongo (BSON).
"""
import argparse
import signal
import socketserver
import sys
import threading

from commands import Commands
from store import Store
from wire import ClosedConnection, read_request, write_reply


class Connection(socketserver.BaseRequestHandler):
    def handle(self):
        number = self.server.next_connection()
        self.request.setsockopt(6, 1, 1)  # TCP_NODELAY
        try:
            while True:
                request = read_request(self.request)
                reply = self.server.commands.run(request.body, number)
                if not request.wants_no_reply:
                    write_reply(self.request, request, reply)
        except (ClosedConnection, ConnectionError):
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, commands):
        super().__init__(('127.0.0.1', port), Connection)
        self.commands = commands
        self._count = 0
        self._gate = threading.Lock()

    def next_connection(self):
        with self._gate:
            self._count += 1
            return self._count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('port', type=int)
    parser.add_argument('directory')
    parser.add_argument('--replica-set')
    parser.add_argument('--deny', nargs='*', default=[])
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    commands = Commands(Store(options.directory), options.deny)
    with Server(options.port, commands) as server:
        if options.replica_set:
            commands.join(options.replica_set, f'127.0.0.1:{server.server_address[1]}')
        print(f'listening {server.server_address[1]}', flush=True)
        server.serve_forever()


if __name__ == '__main__':
    main()
