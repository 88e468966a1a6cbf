"""The gateway of one stack: nginx, from the template that every installation uses."""

import hashlib
import http.client
import runpy
import shutil
from pathlib import Path

from stack.accounts import account, own_file, own_folder
from stack.children import Child
from stack.places import Stack, everybody_may_enter
from stack.programs import find

# Requests a second from one address. Nobody at a desk notices the first; tests and bench
# come from one address all together.
RATE, BURST = 200, 400
TEST_RATE, TEST_BURST = 20000, 20000


def prepare(stack: Stack) -> Path:
    """Write the configuration, and what nginx serves where it could not read the checkout."""
    owner = account("www-data")
    folder = own_folder(stack.data / "gateway", owner)
    if _static(stack).is_relative_to(folder):
        _copy_static(stack)
    return own_file(folder / "nginx.conf", _configuration(stack), owner)


def child(stack: Stack) -> Child:
    folder = stack.data / "gateway"
    return Child(
        name="gateway",
        command=(str(find("nginx")), "-e", "stderr", "-p", str(folder), "-c", "nginx.conf"),
        environment={"PATH": "/usr/bin:/bin"},
        folder=folder,
        ports=(stack.port("gateway"),),
        ready=lambda: _answers(stack.port("gateway")),
        account=account("www-data"),
        made_of=hashlib.sha256(_configuration(stack).encode()).hexdigest(),
    )


def _configuration(stack: Stack) -> str:
    rate, burst = (TEST_RATE, TEST_BURST) if stack.test else (RATE, BURST)
    variables = {
        "LISTEN": f"127.0.0.1:{stack.port('gateway')}",
        "PREFIX": str(stack.data / "gateway"),
        "PUBLIC_ORIGIN": stack.url("gateway"),
        "SCHEME_COOKIE_PREFIX": "",
        "STATIC": str(_static(stack)),
        "API_FILES": str(_static(stack).parents[1] / "api/http"),
        "RATE_PER_ADDRESS": str(rate),
        "BURST": str(burst),
        "UPSTREAM_WECOM_BRIDGE": f"127.0.0.1:{stack.port('sandbox')}",
    }
    for service in stack.services:
        name = f"UPSTREAM_{service.upper().replace('-', '_')}"
        variables[name] = f"127.0.0.1:{stack.port(service)}"
    source = stack.checkout / "gateway"
    render = runpy.run_path(str(source / "render.py"))["render"]
    return str(render((source / "nginx.conf.template").read_text(), variables))


def _static(stack: Stack) -> Path:
    """The gateway's own pages, where nginx can read them."""
    source = stack.checkout / "gateway/static"
    if account("www-data") is None or everybody_may_enter(source):
        return source
    return stack.data / "gateway/files/gateway/static"


def _copy_static(stack: Stack) -> None:
    files = stack.data / "gateway/files"
    shutil.rmtree(files, ignore_errors=True)
    for part in ("gateway/static", "gateway/node_modules", "api/http"):
        if (stack.checkout / part).exists():
            shutil.copytree(stack.checkout / part, files / part)
    owner = account("www-data")
    if owner is not None:
        for path in (files, *files.rglob("*")):
            shutil.chown(path, owner.uid, owner.gid)


def _answers(port: int) -> bool:
    """Whether it answers at all: what it answers for a service is that service's matter."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except OSError:
        return False
    finally:
        connection.close()
