//! circulation-store
