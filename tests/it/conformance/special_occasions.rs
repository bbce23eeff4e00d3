//! special_occasions
