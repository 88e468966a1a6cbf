"""A private copy of the whole suite on one machine: what `make up` and `make test` stand on."""
