"""Sends the kernel what no client should: 1,000 malformed messages, and raw bytes.

Each is answered with one error or dropped with one line on stderr. None ends
the kernel, and a cell runs afterwards as if nothing had been.
"""

import json
import os
import random
import socket
import struct
import tempfile
import time
import unittest
from collections import Counter

import zmq
from jupyter_client import KernelManager
from jupyter_client.session import Session
from patience import PATIENCE

MESSAGES = 1000
HELLO = 'fn main() { println!("hello") }'

# As much as a program may print, nearly.
FLOOD_BYTES = 8_000_000
FLOOD = f"""fn main() {{
    let line = "x".repeat(99);
    for _ in 0..{FLOOD_BYTES // 100} {{ println!("{{line}}"); }}
}}"""

# What becomes of a message.
DROPPED, ERROR, ANSWERED, NOTHING = "dropped", "error", "answered", "nothing"

# The longest line that may be logged, in characters.
LONGEST_LINE = 1000


class Wire:
    """Writes messages frame by frame, well or badly."""

    def __init__(self, key):
        self.session = Session(key=key, signature_scheme="hmac-sha256")
        self.random = random.Random(1)
        self.sent = 0

    def parts(self, msg_type, content):
        """The four parts of a good message, and its id."""
        self.sent += 1
        msg_id = f"message-{self.sent}"
        header = {
            "msg_id": msg_id,
            "msg_type": msg_type,
            "session": "s",
            "username": "u",
            "date": "2026-01-01T00:00:00Z",
            "version": "5.4",
        }
        return msg_id, [json.dumps(part).encode() for part in (header, {}, {}, content)]

    def frames(self, parts):
        """Those parts with a good signature."""
        return [b"<IDS|MSG>", self.session.sign(parts), *parts]

    def bytes(self, length):
        return self.random.randbytes(length)


def good(wire):
    return wire.parts("kernel_info_request", {})


def wrong_signature(wire):
    _, parts = good(wire)
    return [b"<IDS|MSG>", wire.bytes(32).hex().encode(), *parts]


def no_signature(wire):
    _, parts = good(wire)
    return [b"<IDS|MSG>", b"", *parts]


def signature_that_is_no_text(wire):
    _, parts = good(wire)
    return [b"<IDS|MSG>", wire.bytes(64), *parts]


def signature_of_another_message(wire):
    _, parts = good(wire)
    frames = wire.frames(parts)
    frames[5] = json.dumps({"code": HELLO}).encode()
    return frames


def cut_json(wire):
    _, parts = good(wire)
    at = wire.random.randrange(4)
    parts[at] = parts[at][:-1] + b"?"
    return wire.frames(parts)


def other_json(wire):
    _, parts = good(wire)
    parts[wire.random.choice([0, 2, 3])] = wire.random.choice([b"[]", b"7", b'"text"', b"null", b""])
    return wire.frames(parts)


def header_without_id(wire):
    _, parts = good(wire)
    parts[0] = b'{"msg_type": "kernel_info_request"}'
    return wire.frames(parts)


def no_utf_8(wire):
    _, parts = good(wire)
    at = wire.random.randrange(4)
    parts[at] = b'{"k": "' + b"\xff\xfe\xf0\x28" + b'"}'
    return wire.frames(parts)


def nested_deeply(wire):
    _, parts = good(wire)
    parts[3] = b'{"code": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    return wire.frames(parts)


def too_few_frames(wire):
    _, parts = good(wire)
    return wire.frames(parts)[: wire.random.randrange(1, 6)]


def no_delimiter(wire):
    _, parts = good(wire)
    return wire.frames(parts)[1:]


def noise(wire):
    return [wire.bytes(wire.random.randrange(300)) for _ in range(wire.random.randrange(1, 12))]


def huge_noise(wire):
    return [wire.bytes(1 << 20), b"<IDS|MSG>", wire.bytes(1 << 20)]


def unknown_request(wire):
    msg_id, parts = wire.parts("abracadabra_request", {})
    return msg_id, wire.frames(parts)


def unknown_message(wire):
    msg_id, parts = wire.parts("abracadabra", {})
    return msg_id, wire.frames(parts)


def code_missing(wire):
    msg_id, parts = wire.parts("execute_request", {})
    return msg_id, wire.frames(parts)


def code_that_is_a_number(wire):
    msg_id, parts = wire.parts("is_complete_request", {"code": 7})
    return msg_id, wire.frames(parts)


def count_below_zero(wire):
    content = {"hist_access_type": "tail", "n": -1}
    msg_id, parts = wire.parts("history_request", content)
    return msg_id, wire.frames(parts)


def cursor_far_away(wire):
    msg_id, parts = wire.parts("complete_request", {"code": "ü", "cursor_pos": 1 << 40})
    return msg_id, wire.frames(parts)


def huge_fields(wire):
    content = {"code": "x" * (1 << 20), "more": ["y" * 1000] * 100}
    msg_id, parts = wire.parts("is_complete_request", content)
    return msg_id, wire.frames(parts)


def buffers_of_no_use(wire):
    msg_id, parts = good(wire)
    return msg_id, wire.frames(parts) + [wire.bytes(100)] * 50


def question_that_nobody_asked(wire):
    msg_id, parts = wire.parts("input_reply", {"value": "x"})
    return msg_id, wire.frames(parts)


# The fate of each kind on shell and control.
KINDS = {
    wrong_signature: DROPPED,
    no_signature: DROPPED,
    signature_that_is_no_text: DROPPED,
    signature_of_another_message: DROPPED,
    cut_json: DROPPED,
    other_json: DROPPED,
    header_without_id: DROPPED,
    no_utf_8: DROPPED,
    nested_deeply: DROPPED,
    too_few_frames: DROPPED,
    no_delimiter: DROPPED,
    noise: DROPPED,
    huge_noise: DROPPED,
    unknown_request: ERROR,
    unknown_message: NOTHING,
    code_missing: ERROR,
    code_that_is_a_number: ERROR,
    count_below_zero: ERROR,
    cursor_far_away: ANSWERED,
    huge_fields: ANSWERED,
    buffers_of_no_use: ANSWERED,
    question_that_nobody_asked: NOTHING,
}


def greeting(mechanism=b"NULL"):
    return b"\xff" + bytes(8) + b"\x7f\x03\x01" + mechanism.ljust(20, b"\0") + bytes(32)


def command(name, data=b""):
    body = bytes([len(name)]) + name + data
    return bytes([4, len(body)]) + body


def ready(socket_type):
    value = struct.pack(">I", len(socket_type)) + socket_type
    return command(b"READY", b"\x0bSocket-Type" + value)


def long_frame(length):
    return b"\x02" + struct.pack(">Q", length)


# Raw bytes, and what comes after them: all that isn't ZeroMQ's protocol.
RAW = [
    b"",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    b"\xff" * 500,
    bytes(500),
    greeting()[:20],
    greeting(b"CURVE"),
    greeting() + b"\x04\x00",
    greeting() + b"\x04\x08\x05READY\x09A",
    greeting() + ready(b"PUB"),
    greeting() + long_frame(1 << 40),
    *(
        greeting() + ready(peer) + rest
        for peer in (b"DEALER", b"SUB")
        for rest in (
            long_frame((1 << 64) - 1),
            long_frame(1 << 40),
            long_frame(1 << 20) + b"cut",
            b"\x04\x00",
            b"\x04\x03\x09PI",
            b"\xfc\x01x",
            b"\x01\x00" * 5000,
            command(b"PING", b"\0\0" + bytes(30)) * 100,
            command(b"SUBSCRIBE") * 5000,
            command(b"ERROR", b"\0"),
        )
    ),
]


def resident(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


class Malformed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.log = tempfile.NamedTemporaryFile("r")
        cls.manager = KernelManager(kernel_name="interleaved")
        with open(cls.log.name, "a") as log:
            cls.manager.start_kernel(stderr=log)
        cls.client = cls.manager.client()
        cls.client.start_channels()
        cls.client.wait_for_ready(timeout=PATIENCE)
        cls.ports = {
            name: getattr(cls.manager, f"{name}_port")
            for name in ("shell", "control", "stdin", "iopub", "hb")
        }
        # What the kernel was writing when its log was last read.
        cls.cut = ""
        # The libraries are built before anything is measured.
        cls.run_a_cell()

    @classmethod
    def tearDownClass(cls):
        cls.client.stop_channels()
        cls.manager.shutdown_kernel(now=True)
        cls.manager.context.destroy(linger=0)
        cls.log.close()

    @classmethod
    def run_code(cls, code):
        printed = []

        def keep(message):
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = cls.client.execute_interactive(code, output_hook=keep, timeout=PATIENCE)
        assert reply["content"]["status"] == "ok", reply
        return "".join(printed)

    @classmethod
    def run_a_cell(cls):
        printed = cls.run_code(HELLO)
        assert printed.endswith("hello\n"), printed

    def lines(self):
        """What the kernel has logged since the last call."""
        *lines, cut = (self.cut + self.log.read()).split("\n")
        type(self).cut = cut
        for line in lines:
            self.assertLess(len(line), LONGEST_LINE)
            self.assertNotIn("panicked", line)
        return lines

    def lines_of(self, count):
        """So many, as soon as they are there; then surely no more."""
        found = []
        deadline = time.monotonic() + PATIENCE
        while len(found) < count and time.monotonic() < deadline:
            found += self.lines()
            time.sleep(0.01)
        time.sleep(0.1)
        found += self.lines()
        self.assertEqual(len(found), count, Counter(found).most_common(5))
        return found

    def socket(self, kind, channel):
        it = self.manager.context.socket(kind)
        it.linger = 0
        self.addCleanup(it.close)
        it.connect(f"tcp://127.0.0.1:{self.ports[channel]}")
        return it

    def replies_until(self, it, last):
        """The replies that come up to the one to the request `last`."""
        replies = {}
        while last not in replies:
            self.assertTrue(it.poll(PATIENCE * 1000), "no answer: is the kernel dead?")
            frames = it.recv_multipart()
            at = frames.index(b"<IDS|MSG>")
            header, parent, _, content = map(json.loads, frames[at + 2 : at + 6])
            self.assertNotIn(parent["msg_id"], replies, "answered twice")
            replies[parent["msg_id"]] = header["msg_type"], content
        return replies

    def test_a_thousand_messages(self):
        wire = Wire(self.manager.session.key)
        kinds = list(KINDS)
        sent = 0
        for channel in ("shell", "control", "stdin"):
            it = self.socket(zmq.DEALER, channel)
            expected, dropped = {}, 0
            for number in range(MESSAGES // 4):
                kind = kinds[number % len(kinds)]
                fate = KINDS[kind]
                if fate == DROPPED:
                    dropped += 1
                    it.send_multipart(kind(wire))
                else:
                    msg_id, frames = kind(wire)
                    it.send_multipart(frames)
                    # Nothing is asked on stdin, so nothing is answered there.
                    expected[msg_id] = NOTHING if channel == "stdin" else fate
                sent += 1
            # The last one is good, and its answer tells that all were read.
            if channel == "stdin":
                self.lines_of(dropped)
                continue
            last, parts = good(wire)
            it.send_multipart(wire.frames(parts))
            expected[last] = ANSWERED
            replies = self.replies_until(it, last)
            for msg_id, fate in expected.items():
                reply = replies.pop(msg_id, None)
                with self.subTest(channel=channel, msg_id=msg_id):
                    self.assertEqual(fate_of(reply), fate, reply)
            self.assertEqual(replies, {}, "answers to what was not asked")
            self.lines_of(dropped)

        subscriber = self.socket(zmq.XSUB, "iopub")
        subscriber.send(b"\x01")
        self.assertTrue(subscriber.poll(PATIENCE * 1000), "no welcome")
        for _ in range(MESSAGES // 4):
            # Whatever begins with 0 or 1 would be a subscription.
            subscriber.send_multipart([b"\x02" + wire.bytes(20), b"\x03" + wire.bytes(20)])
            sent += 1
        self.lines_of(MESSAGES // 4)
        self.assertEqual(sent, MESSAGES)
        self.run_a_cell()

    def test_the_heartbeat_sends_everything_back(self):
        it = self.socket(zmq.REQ, "hb")
        for beat in (b"", b"ping", os.urandom(100_000)):
            it.send_multipart([beat, b"two"])
            self.assertTrue(it.poll(PATIENCE * 1000))
            self.assertEqual(it.recv_multipart(), [beat, b"two"])

    def test_raw_bytes_on_every_port(self):
        before = resident(self.manager.provisioner.pid)
        sent, logged = 0, 0
        for channel, port in self.ports.items():
            for bytes_ in RAW:
                with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
                    try:
                        connection.sendall(bytes_)
                        connection.shutdown(socket.SHUT_WR)
                        while connection.recv(1 << 16):
                            pass
                    except OSError:
                        pass
            with self.subTest(channel=channel):
                # At most a line for each, perhaps not at once.
                sent += len(RAW)
                logged += len(self.lines())
                self.assertLessEqual(logged, sent)
        grown = resident(self.manager.provisioner.pid) - before
        self.assertLess(grown, 50_000, "kilobytes")
        self.run_a_cell()

    def test_a_subscriber_that_reads_nothing_is_cut_off(self):
        address = "127.0.0.1", self.ports["iopub"]
        with socket.create_connection(address, timeout=PATIENCE) as subscriber:
            subscriber.sendall(greeting() + ready(b"SUB") + command(b"SUBSCRIBE"))
            read = b""
            while b"iopub_welcome" not in read:
                piece = subscriber.recv(1 << 10)
                self.assertTrue(piece, "no welcome")
                read += piece
            # More than is kept for it, by the kernel and by the system.
            for _ in range(5):
                printed = self.run_code(FLOOD)
                self.assertEqual(len(printed), FLOOD_BYTES)
            (line,) = self.lines_of(1)
            self.assertIn("on which nothing was read", line)

    def test_connections_that_say_nothing_are_not_kept_forever(self):
        port = self.ports["shell"]
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
        for connection in silent:
            # Closed at once where there are too many, else after some seconds.
            connection.settimeout(PATIENCE)
            try:
                while connection.recv(1 << 16):
                    pass
            except ConnectionError:
                pass
            connection.close()
        self.run_a_cell()
        self.lines_of(len(silent))


def fate_of(reply):
    if reply is None:
        return NOTHING
    _, content = reply
    # An answer to is_complete_request has a status of its own.
    return ERROR if content["status"] == "error" else ANSWERED


if __name__ == "__main__":
    unittest.main(verbosity=2)
