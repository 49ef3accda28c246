"""The houses that the tests of this room are run in."""

from tests.support.databases import any_house, any_url, house, postgres_template

__all__ = ["any_house", "any_url", "house", "postgres_template"]
