//! sign-tests
