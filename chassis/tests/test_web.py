"""What every service answers, whatever its nouns."""

import pytest
from sqlalchemy import MetaData, create_engine

from chassis import db, http
from chassis.access import KeySet, TokenCheck
from chassis.service import Service
from chassis.tables import with_driver
from chassis.web import Blueprint, create_app


def test_a_route_that_never_asks_who_calls_answers_nobody(app, crew, client_of):
    answer = app.test_client().get("/api/v1/tries/unasked", headers=_as(client_of, crew))

    assert answer.status_code == 500


def _as(client_of, crew):
    return {"Authorization": client_of(crew.person()).environ_base["HTTP_AUTHORIZATION"]}


def test_a_failure_tells_nothing_of_the_inside(app):
    answer = app.test_client().get("/api/v1/tries/broken")

    assert (answer.status_code, answer.json["code"]) == (500, "internal")
    assert b"passwd" not in answer.data


def test_an_answer_names_its_request(app):
    client = app.test_client()

    given = client.get("/api/v1/tries/open", headers={"X-Request-Id": "abcd-1234"})
    odd = client.get("/api/v1/tries/open", headers={"X-Request-Id": "a b\x7f"})

    assert given.headers["X-Request-Id"] == "abcd-1234"
    assert odd.headers["X-Request-Id"] != "a b\x7f"


def test_a_wrong_method_is_told_the_right_ones(app):
    answer = app.test_client().post("/api/v1/tries/open", json={})

    assert (answer.status_code, answer.json["code"]) == (405, "method-not-allowed")
    assert "GET" in answer.headers["Allow"]


def test_a_service_with_an_undeclared_route_does_not_start(database):
    blueprint = Blueprint("odd", url_prefix="/api/v1/odd")
    blueprint.add_url_rule("", "secret", lambda: "", methods=["GET"])
    odd = Service(name="leads", tables=MetaData(), routes=[blueprint])

    with pytest.raises(RuntimeError, match="secret"):
        create_app(odd, database=database, check=TokenCheck(KeySet(dict)), callers={})


def test_a_database_that_is_down_is_a_503_that_says_when_to_come_back(
    service, crew, client_of, token_check
):
    nowhere = db.Database("postgresql://nobody@127.0.0.1:1/none", pool_size=1)
    app = create_app(service, database=nowhere, check=token_check, callers={})

    answer = app.test_client().get("/api/v1/tries/me", headers=_as(client_of, crew))

    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_connection_that_died_while_idle_is_replaced_unseen(
    service, crew, client_of, token_check, alone
):
    own = db.Database(alone["databases"]["leads"]["app"], pool_size=1)
    client = create_app(service, database=own, check=token_check, callers={}).test_client()
    headers = _as(client_of, crew)
    client.get("/api/v1/tries/me", headers=headers)

    _cut(own, alone)
    answer = client.get("/api/v1/tries/me", headers=headers)
    own.close()

    assert answer.status_code == 200


def _cut(database, alone):
    """End the pooled connection from the server's side."""
    with database.engine.connect() as connection:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    killer = create_engine(with_driver(alone["databases"]["leads"]["app"]))
    with killer.connect() as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(%s)", (pid,))
    killer.dispose()


def test_nobody_waits_for_a_network_with_a_transaction_open(session):
    with pytest.raises(RuntimeError, match="inside a transaction"):
        http.Sibling("http://127.0.0.1:1", name="identity").get("/")
