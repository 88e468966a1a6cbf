"""A service's own port believes a token and nothing else; its private one serves no record."""

import pytest
import requests

SPOOFED = {
    "X-Tenant-Id": "{tenant}",
    "X-Person-Id": "{tenant}",
    "X-User": "admin",
    "X-Forwarded-User": "admin",
    "X-Authenticated-Userid": "admin",
    "Cookie": "xk_access=admin",
}
DOORS = {
    "identity": ["/api/v1/me", "/internal/v1/sessions"],
    "leads": ["/api/v1/leads", "/api/v1/leads/018f3c1e-7c1b-7f9e-8d70-6f1f6d2c9a11"],
    "customers": ["/api/v1/customers", "/api/v1/contacts"],
}
ASKED = [(service, path) for service, paths in DOORS.items() for path in paths]


@pytest.mark.parametrize(("service", "path"), ASKED)
def test_headers_that_claim_somebody_are_not_believed(stack, service, path):
    tenant = stack["tenants"][0]["id"]
    spoofed = {name: value.format(tenant=tenant) for name, value in SPOOFED.items()}
    method = "POST" if path.startswith("/internal/") else "GET"

    answer = requests.request(
        method,
        f"http://127.0.0.1:{stack['test']['ports'][service]}{path}",
        json={} if method == "POST" else None,
        headers=spoofed,
        timeout=15,
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "sign-in-needed")


@pytest.mark.parametrize("service", DOORS)
@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_health_and_metrics_are_on_the_private_port_only(stack, service, path):
    ports = stack["test"]

    public = requests.get(f"http://127.0.0.1:{ports['ports'][service]}{path}", timeout=15)
    private = requests.get(f"http://127.0.0.1:{ports['private_ports'][service]}{path}", timeout=15)

    assert (public.status_code, private.status_code) == (404, 200)


@pytest.mark.parametrize("service", DOORS)
def test_the_private_port_serves_no_record(stack, service):
    port = stack["test"]["private_ports"][service]

    assert requests.get(f"http://127.0.0.1:{port}/api/v1/leads", timeout=15).status_code == 404
