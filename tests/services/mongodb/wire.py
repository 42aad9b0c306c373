"""MongoDB's wire protocol: OP_MSG, and OP_QUERY for the first handshake of a connection."""
import struct

from bson import decode, encode
from bson.codec_options import CodecOptions

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
MORE_TO_COME = 1 << 1
CHECKSUM_PRESENT = 1 << 0
MAX_MESSAGE = 48_000_000

# Subtypes and integers stay as they came: a UUID must not become another kind of binary.
CODEC = CodecOptions(uuid_representation=0)


class ClosedConnection(Exception):
    pass


class Request:
    def __init__(self, number, opcode, flags, body):
        self.number, self.opcode, self.flags, self.body = number, opcode, flags, body

    @property
    def wants_no_reply(self):
        return self.opcode == OP_MSG and bool(self.flags & MORE_TO_COME)


def read_exactly(connection, count):
    data = bytearray(count)
    view, at = memoryview(data), 0
    while at < count:
        got = connection.recv_into(view[at:])
        if got == 0:
            raise ClosedConnection()
        at += got
    return bytes(data)


def read_request(connection):
    length, number, _, opcode = struct.unpack('<iiii', read_exactly(connection, 16))
    if not 16 < length <= MAX_MESSAGE:
        raise ClosedConnection()
    data = read_exactly(connection, length - 16)
    if opcode == OP_MSG:
        return read_message(number, data)
    if opcode == OP_QUERY:
        return read_query(number, data)
    raise ClosedConnection()


def read_message(number, data):
    (flags,) = struct.unpack_from('<I', data, 0)
    end = len(data) - (4 if flags & CHECKSUM_PRESENT else 0)
    body, sequences, at = None, {}, 4
    while at < end:
        kind, at = data[at], at + 1
        (size,) = struct.unpack_from('<i', data, at)
        if kind == 0:
            body = decode(data[at:at + size], CODEC)
        else:
            name_end = data.index(b'\0', at + 4)
            name = data[at + 4:name_end].decode()
            sequences[name] = read_documents(data, name_end + 1, at + size)
        at += size
    body.update(sequences)
    return Request(number, OP_MSG, flags, body)


def read_documents(data, at, end):
    documents = []
    while at < end:
        (size,) = struct.unpack_from('<i', data, at)
        documents.append(decode(data[at:at + size], CODEC))
        at += size
    return documents


def read_query(number, data):
    name_end = data.index(b'\0', 4)
    body = decode(data[name_end + 9:], CODEC)
    body.setdefault('$db', data[4:name_end].decode().split('.', 1)[0])
    return Request(number, OP_QUERY, 0, body)


def write_reply(connection, request, reply):
    document = encode(reply, codec_options=CODEC)
    if request.opcode == OP_QUERY:
        opcode, head = OP_REPLY, struct.pack('<iqii', 8, 0, 0, 1)
    else:
        opcode, head = OP_MSG, struct.pack('<Ib', 0, 0)
    connection.sendall(struct.pack('<iiii', 16 + len(head) + len(document), 0, request.number, opcode) + head + document)
