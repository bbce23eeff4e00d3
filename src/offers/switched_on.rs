//! Whether an engagement is switched on, by its manifest and that of its campaign alone.

use super::world::World;
use crate::kinds::offering::{Aspect, Reading, Test};

/// Whether an engagement is enabled, in a published campaign: what the manifest alone decides does not withhold it.
pub(super) fn is_served(world: &World, reading: &Reading) -> bool {
    let around = reading.around.as_ref().and_then(|it| world.object(it));
    let Some((_, campaign)) = around else {
        return false;
    };
    let is_off = |reading: &Reading| {
        let aspects = [Aspect::State, Aspect::Type, Aspect::Enabled];
        let mut off = reading
            .requires
            .iter()
            .filter(|it| aspects.contains(&it.aspect));
        off.any(|it| matches!(it.clause.test, Test::Known(false, ..)))
    };
    !is_off(reading) && !is_off(campaign)
}
