"""Identity: tenants, departments, people, roles, and who is signed in."""
