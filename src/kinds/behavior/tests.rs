//! Tests of Behavior.

use super::BehaviorKind;
use crate::kinds::testing::kind_tests;

kind_tests!(BehaviorKind);
