//! That what is left out of a state makes no difference.

use simulator::{SeededEntropy, seed_from_environment};
use std::collections::HashSet;
use wallet_core::platform::Entropy as _;

use super::*;

const WALKS: u64 = 4_000;
const STEPS: usize = 80;

/// Walks through the model with nothing left out, and compares: the distilled state is judged the same, and leads to the
/// same.
#[test]
fn distilling_changes_nothing() {
    let seed = seed_from_environment(0x0de1);
    println!("DCEP_SEED={seed}");
    let model = Handoff::new(Rules::KEPT, Bounds::ALL, &Property::ALL);
    let mut compared = HashSet::new();
    for walk in 0..WALKS {
        let entropy = SeededEntropy::new(seed, walk);
        let mut world = World::new();
        for _ in 0..STEPS {
            // Distilled, no transfer repeats an earlier one.
            assert!(!world.distilled().repeats_itself(), "{world:?}");
            if world.repeats_itself() {
                break;
            }
            if compare(&model, &world) {
                compared.insert(world.distilled());
            }
            world = any_way(&model, &world, &entropy);
        }
    }
    println!("{} states compared", compared.len());
    assert!(compared.len() > 1_000);
}

fn compare(model: &Handoff, world: &World) -> bool {
    let distilled = world.distilled();
    assert!(distilled == distilled.distilled(), "{world:?}");
    for property in Property::ALL {
        assert_eq!(property.holds(world), property.holds(&distilled), "{world:?}");
    }
    assert_eq!(
        model.is_resolved(world),
        model.is_resolved(&distilled),
        "{world:?}"
    );

    // In truth no two commits are alike. Where two files make the same one their undistilled heads are, and only distilled
    // they are told apart: then there is nothing to compare.
    if ways(model, world).any(|(_, after)| world.is_caught_up_in(&after)) {
        return false;
    }
    let others = |world: &World| -> HashSet<World> {
        let after = ways(model, world).map(|(_, after)| after.distilled());
        after.filter(|after| *after != distilled).collect()
    };
    assert!(others(world) == others(&distilled), "{world:?}");
    true
}

fn ways(model: &Handoff, world: &World) -> impl Iterator<Item = (Step, World)> {
    let steps = model.steps().iter();
    steps.filter_map(|step| Some((*step, model.undistilled(world, *step)?)))
}

fn any_way(model: &Handoff, world: &World, entropy: &SeededEntropy) -> World {
    let mut draw = [0; 2];
    entropy.fill(&mut draw).unwrap();
    let [kind, choice] = draw.map(usize::from);
    // What ends things is rare, or nothing would ever come of anything.
    let is_rare = |step: Step| step == Step::CloseWindow || model.is_mishap(step);
    let ways: Vec<World> = ways(model, world)
        .filter(|(step, after)| (kind < 32) == is_rare(*step) && after != world)
        .map(|(_, after)| after)
        .filter(|after| !world.is_caught_up_in(after))
        .collect();
    *ways.get(choice % ways.len().max(1)).unwrap_or(world)
}
