//! Package of the tests that cross crates; they live in `tests/`, in one binary named `it`.
