"""Drives the chat server as Debian's python3-socketio client.

client.py URL TRANSPORT… [msgpack]: exits with 0 when everything was as the
contract says.
"""
import queue
import sys

import socketio

LIMIT = 30  # seconds that anything may take

url, *transports = sys.argv[1:]
serializer = "default"
if transports[-1] == "msgpack":
    serializer = transports.pop()


class User:
    """A connected client. What it is sent waits in a queue for each event."""

    def __init__(self, name, token="secret", namespace="/"):
        self.io = socketio.Client(reconnection=False, serializer=serializer)
        self.namespace = namespace
        self.events = {}
        for event in ("welcome", "noArg", "basicEmit", "message", "userJoined", "userLeft", "avatarChanged"):
            self.io.on(event, lambda *args, event=event: self.queue_for(event).put(args), namespace=namespace)
        self.io.on("withAck", lambda question: 42, namespace=namespace)
        auth = {"token": token}
        if name:
            auth["name"] = name
        self.io.connect(url, auth=auth, transports=transports, namespaces=[namespace], wait_timeout=LIMIT)

    def queue_for(self, event):
        return self.events.setdefault(event, queue.Queue())

    def next(self, event):
        return self.queue_for(event).get(timeout=LIMIT)

    def emit(self, event, *args):
        self.io.emit(event, args or None, namespace=self.namespace)

    def ask(self, event, *args):
        answer = self.io.call(event, args or None, namespace=self.namespace, timeout=LIMIT)
        return list(answer) if isinstance(answer, (list, tuple)) else [answer]


def refused_with_data():
    io = socketio.Client(reconnection=False, serializer=serializer)
    refusals = queue.Queue()
    io.on("connect_error", refusals.put)
    io.connect(url, auth={"token": "wrong"}, transports=transports, wait=False)
    refusal = refusals.get(timeout=LIMIT)
    assert refusal == {"message": "wrong token", "data": {"code": 401}}, refusal
    io.disconnect()


def welcome_and_question():
    ann = User("Ann")
    you, rooms = ann.next("welcome")
    assert you["name"] == "Ann" and rooms == ["go", "lobby", "tiny"], (you, rooms)
    ann.emit("hello")
    assert ann.next("noArg") == ()
    assert ann.next("basicEmit") == (1, "welcome, Ann", b"\x01\x02\x03")
    message, room = ann.next("message")
    assert (message["text"], room) == ("you said 42", "lobby"), message
    ann.io.disconnect()


def rooms_and_acknowledgements():
    ann, bob = User("Ann"), User("Bob")
    error, members = ann.ask("join", "lobby")
    assert error is None and [m["name"] for m in members] == ["Ann"], (error, members)
    bob.ask("join", "lobby")
    assert ann.next("userJoined")[0]["name"] == "Bob"
    error, id = bob.ask("chat message", "lobby", "hi — \U0001F600\u2028")
    assert error is None
    for user in (ann, bob):
        message, room = user.next("message")
        assert (message["id"], message["text"], room) == (id, "hi — \U0001F600\u2028", "lobby"), message
    assert ann.ask("join", "nowhere") == [{"code": "unknown_room", "message": 'there is no room "nowhere"'}]
    assert ann.ask("join", 7)[0]["message"].startswith("join.room: ")
    bob.io.disconnect()
    assert ann.next("userLeft")[0]["name"] == "Bob"
    ann.io.disconnect()


def bytes_at_every_depth():
    ann, bob = User("Ann"), User("Bob")
    image = bytes(i & 255 for i in range(5000))
    ann.emit("setAvatar", image)
    assert bob.next("avatarChanged")[1] == image
    _, members = ann.ask("join", "go")
    assert members[0]["avatar"] == image
    ann.io.disconnect()
    bob.io.disconnect()


def another_namespace():
    admin = User(None, token="admin-secret", namespace="/admin")
    answer = admin.ask("stats")
    assert len(answer) == 3, answer
    admin.io.disconnect()


for step in (
    refused_with_data,
    welcome_and_question,
    rooms_and_acknowledgements,
    bytes_at_every_depth,
    another_namespace,
):
    try:
        step()
    except BaseException:
        print("not ok -", step.__name__, file=sys.stderr)
        raise
    print("ok -", step.__name__)
