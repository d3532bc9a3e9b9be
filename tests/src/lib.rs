//! Throwaway PostgreSQL servers, and the tests that need one.
