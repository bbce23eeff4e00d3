//! Tests of `TargetAudience`.

use super::TargetAudienceKind;
use crate::kinds::testing::kind_tests;

kind_tests!(TargetAudienceKind);
