"""The private RabbitMQ: one node, and the epmd that its Erlang registers with."""

import hashlib
import json
import socket

from chassis import topology
from stack import keys
from stack.accounts import account, own_file, own_folder
from stack.children import Child
from stack.places import PYTEST_WORKERS, Stack
from stack.programs import find

USER = "xiaoke"
VHOST = "xiaoke"
FOLDERS = ("queues", "logs", "home")
# What a client says first, and the kind of frame with which a broker answers.
AMQP_GREETING = b"AMQP\x00\x00\x09\x01"
AMQP_METHOD = b"\x01"

CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:{port}
load_definitions = {definitions}
loopback_users.{user} = true
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 200MB
log.console = true
log.console.level = warning
log.file = false
"""


def url(stack: Stack, user: str = USER, vhost: str = VHOST) -> str:
    """The address of a virtual host, for a service or for the user who may do anything."""
    return f"amqp://{user}:{_password(stack, user)}@127.0.0.1:{stack.port('rabbitmq')}/{vhost}"


def vhosts(stack: Stack) -> list[str]:
    """One for what runs, and one for each process of pytest."""
    return [VHOST, *(PYTEST_WORKERS if stack.test else ())]


def prepare(stack: Stack) -> None:
    """Write the node's configuration, its cookie, and the list of plugins, which is empty."""
    owner = account("rabbitmq")
    folder = own_folder(stack.data / "rabbitmq", owner)
    for name in FOLDERS:
        own_folder(folder / name, owner)
    own_file(folder / "rabbitmq.conf", _configuration(stack), owner)
    own_file(folder / "definitions.json", _definitions(stack), owner)
    own_file(folder / "enabled_plugins", "[].\n", owner)
    cookie = folder / "home/.erlang.cookie"
    if not cookie.exists():
        own_file(cookie, keys.password(stack, "rabbitmq/cookie"), owner, mode=0o400)


def epmd(stack: Stack) -> Child:
    """Started by ourselves: one that a node starts outlives it, and nobody knows its pid."""
    port = stack.port("epmd")
    return Child(
        name="epmd",
        command=(str(find("epmd")), "-port", str(port), "-address", "127.0.0.1"),
        environment={"PATH": "/usr/bin:/bin"},
        folder=stack.data / "rabbitmq",
        ports=(port,),
        ready=lambda: _accepts(port),
        account=account("rabbitmq"),
    )


def child(stack: Stack) -> Child:
    port = stack.port("rabbitmq")
    told = _configuration(stack) + _definitions(stack)
    return Child(
        name="rabbitmq",
        command=(str(find("rabbitmq-server")),),
        environment=environment(stack),
        folder=stack.data / "rabbitmq",
        ports=(port, stack.port("rabbitmq-distribution")),
        ready=lambda: _speaks_amqp(port),
        account=account("rabbitmq"),
        made_of=hashlib.sha256(told.encode()).hexdigest(),
    )


def environment(stack: Stack) -> dict[str, str]:
    """Everything a node must be told so that nothing of it leaves its folder or the loopback."""
    folder = stack.data / "rabbitmq"
    return {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "HOME": str(folder / "home"),
        "RABBITMQ_NODENAME": "xiaoke@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(stack.port("rabbitmq")),
        "RABBITMQ_DIST_PORT": str(stack.port("rabbitmq-distribution")),
        "RABBITMQ_CTL_DIST_PORT_MIN": str(stack.port("rabbitmq-control-first")),
        "RABBITMQ_CTL_DIST_PORT_MAX": str(stack.port("rabbitmq-control-last")),
        "ERL_EPMD_PORT": str(stack.port("epmd")),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_MNESIA_BASE": str(folder / "queues"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_PID_FILE": str(folder / "node.pid"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "no-environment"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "no-advanced.config"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        # With "input allowed" the script becomes the node, so that the pid we know is the node's;
        # without input after all, since the shell of a node ends it where there is none.
        "RABBITMQ_ALLOW_INPUT": "1",
        "RABBITMQ_SERVER_START_ARGS": "-noinput",
        # Without the last of these the distribution port listens on every interface.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
            "+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}"
        ),
    }


def _configuration(stack: Stack) -> str:
    return CONFIGURATION.format(
        port=stack.port("rabbitmq"),
        user=USER,
        definitions=stack.data / "rabbitmq/definitions.json",
    )


def _definitions(stack: Stack) -> str:
    """What the node knows from its start: a user per service, who publishes its own topics only."""
    users = [
        topology.User(service, _password(stack, service), _topics(stack, service))
        for service in stack.services
    ]
    known = topology.definitions(users, vhosts(stack))
    known["users"].append(topology.administrator(USER, _password(stack, USER)))
    known["permissions"] += [
        {"user": USER, "vhost": vhost, "configure": ".*", "write": ".*", "read": ".*"}
        for vhost in vhosts(stack)
    ]
    return json.dumps(known, indent=2) + "\n"


def _topics(stack: Stack, service: str) -> list[str]:
    """What a service announces, as it is published."""
    files = (stack.checkout / "api/events").glob("*.v*.json")
    written = {path.stem: json.loads(path.read_text())["x-source"] for path in files}
    return sorted(topic for topic, source in written.items() if source == f"/{service}")


def _password(stack: Stack, user: str) -> str:
    return keys.password(stack, "rabbitmq/password" if user == USER else f"{user}/amqp_password")


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


def _speaks_amqp(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(AMQP_GREETING)
            return line.recv(1) == AMQP_METHOD
    except OSError:
        return False
