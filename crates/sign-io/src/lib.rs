//! sign-io
