//! Where PDF meets CMS: signature fields, byte ranges, coverage, changes after signing. Facts only.
//!
//! Knows what ISO 32000-2 12.7–12.8 and EN 319 142-1 call things; not what is good or bad.

pub mod appearance;
pub mod byte_range;
pub mod changes;
pub mod conformance;
pub mod coverage;
pub mod digests;
pub mod dss;
pub mod extension;
pub mod field;
pub mod font;
pub mod image;
pub mod scan;
pub mod seed;
