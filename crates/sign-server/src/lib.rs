//! sign-server
