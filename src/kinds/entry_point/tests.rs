//! Tests of `EntryPoint`.

use super::EntryPointKind;
use crate::kinds::testing::kind_tests;

kind_tests!(EntryPointKind);
