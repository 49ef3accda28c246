"""Tools for tests of every room: samples, a real PostgreSQL, a real browser."""
