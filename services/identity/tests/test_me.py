"""What people are told of themselves, and which keys prove it."""

from chassis.access import KeySet, TokenCheck
from chassis.service import decode_key


def test_people_are_told_who_they_are_and_what_they_may_do(client, company, sign_in, bearer):
    me = client.get("/api/v1/me", headers=bearer(sign_in(company, "LiQiang")))

    leader = company.person("LiQiang")
    assert me.json == {
        "person": {
            "id": str(leader.id),
            "userid": "LiQiang",
            "name": "李强",
            "position": "客户经理",
            "departments": [{"id": str(leader.department_ids[0]), "name": "总部"}],
        },
        "tenant": {"id": str(company.id), "name": "试用公司", "time_zone": "Asia/Shanghai"},
        "permissions": ["lead.create", "lead.view"],
        "scopes": {"lead.create": ["own"], "lead.view": ["own", "team"]},
        "features": {},
        "tenant_settings": {},
    }


def test_a_changed_role_is_in_force_without_a_new_login(client, company, sign_in, bearer):
    granted = sign_in(company)

    company.people[1]["roles"] = ["admin"]
    company.tell()

    me = client.get("/api/v1/me", headers=bearer(granted))
    assert me.json["scopes"] == {"lead.view": ["all"]}


def test_nobody_is_told_anything_without_a_token(client):
    assert client.get("/api/v1/me").status_code == 401


def test_the_published_keys_prove_the_tokens(client, company, sign_in):
    token = sign_in(company)["access_token"]

    published = client.get("/internal/v1/keys").json["keys"]

    keys = {key["kid"]: decode_key(key["x"]) for key in published}
    assert TokenCheck(KeySet(lambda: keys))(token).tenant_id == company.id
    assert {(k["kty"], k["crv"]) for k in published} == {("OKP", "Ed25519")}
    assert all(set(k) == {"kty", "crv", "kid", "x"} for k in published)
