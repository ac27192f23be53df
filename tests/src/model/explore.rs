//! An explorer of finite models: every state, the shortest way to a wrong one, and whether the end stays in reach.
//!
//! `stateright` would be the ready-made one. It brings a second generation of `rand_core`, which `deny.toml` refuses,
//! and a web server; and its `eventually` asks whether *every* path gets there, which no path that keeps crashing does.
//! What is asked here, whether from every state *some* path gets there, needs the whole graph backwards.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    hash::{BuildHasherDefault, Hash, Hasher},
};

/// A model: where it begins, and where it can go from there.
pub trait Model {
    /// Everything there is at one moment.
    type State: Copy + Eq + Hash;
    /// What can happen.
    type Step: Copy;
    /// What must hold.
    type Property: Copy;

    /// Where it begins.
    fn initial(&self) -> Self::State;
    /// Everything that can happen.
    fn steps(&self) -> &[Self::Step];
    /// What comes of one step; `None` where it cannot happen.
    fn after(&self, state: &Self::State, step: Self::Step) -> Option<Self::State>;
    /// A property that does not hold in this state.
    fn violated(&self, state: &Self::State) -> Option<Self::Property>;
    /// Whether this is a state that must stay in reach of every other.
    fn is_resolved(&self, state: &Self::State) -> bool;
    /// The property that is violated where no such state is in reach, if that is to be looked at.
    fn resolvable(&self) -> Option<Self::Property>;
    /// Whether this step is a mishap. It happens, but it is no way out: nobody waits to be rescued by losing a phone.
    fn is_mishap(&self, step: Self::Step) -> bool;
}

/// What an exploration came to.
#[derive(Debug)]
pub struct Explored<Step, Property> {
    /// How many times a step led to a state, new or not.
    pub transitions: usize,
    /// How many different states there are.
    pub states: usize,
    /// The most steps that any state is away from the beginning.
    pub depth: usize,
    /// How many of the states are resolved.
    pub resolved: usize,
    /// What never happened.
    pub idle: Vec<Step>,
    /// A property that does not hold, and the fewest steps that show it.
    pub counterexample: Option<(Property, Vec<Step>)>,
}

/// Explores `model` to the end, nearest states first, or up to the first violation.
pub fn explore<M: Model>(model: &M) -> Explored<M::Step, M::Property> {
    let mut graph = Graph::new(model.initial(), model.steps().len());
    let mut is_resolved = Vec::new();
    let mut depth = 0;
    let mut layer_ends = graph.states();
    while let Some(state) = graph.waiting.pop_front() {
        let number = is_resolved.len();
        if number == layer_ends {
            depth += 1;
            layer_ends = graph.states();
        }
        if let Some(property) = model.violated(&state) {
            return graph.report(depth, 0, Some((property, number)), model);
        }
        is_resolved.push(model.is_resolved(&state));
        for (step, label) in model.steps().iter().enumerate() {
            if let Some(after) = model.after(&state, *label) {
                graph.add(number, step, after, model.is_mishap(*label));
            }
        }
    }
    let resolved = is_resolved.iter().filter(|resolved| **resolved).count();
    let stuck = model
        .resolvable()
        .and_then(|property| Some((property, graph.first_without(is_resolved)?)));
    graph.report(depth, resolved, stuck, model)
}

/// A hash for states that nobody chose with bad intent: several times as fast as the usual one.
#[derive(Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u8(*byte));
    }

    fn write_u8(&mut self, byte: u8) {
        self.write_u64(u64::from(byte));
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_isize(&mut self, word: isize) {
        self.write_u64(word.cast_unsigned() as u64);
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

/// What was found so far, in the order of finding.
struct Graph<State> {
    /// Those that were found and not yet visited.
    waiting: VecDeque<State>,
    numbers: HashMap<State, u32, BuildHasherDefault<Mixer>>,
    /// For each state: the state it was first found from, and by which step.
    found: Vec<(u32, u8)>,
    /// From, to: the steps that are no mishaps.
    edges: Vec<(u32, u32)>,
    transitions: usize,
    /// By step: whether it ever happened.
    happened: Vec<bool>,
}

impl<State: Copy + Eq + Hash> Graph<State> {
    fn new(initial: State, steps: usize) -> Self {
        Self {
            waiting: VecDeque::from([initial]),
            numbers: HashMap::from_iter([(initial, 0)]),
            found: vec![(0, 0)],
            edges: Vec::new(),
            transitions: 0,
            happened: vec![false; steps],
        }
    }

    const fn states(&self) -> usize {
        self.found.len()
    }

    fn add(&mut self, from: usize, step: usize, state: State, is_mishap: bool) {
        let from = u32::try_from(from).unwrap();
        let number = match self.numbers.entry(state) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(vacant) => {
                let number = u32::try_from(self.found.len()).unwrap();
                vacant.insert(number);
                self.waiting.push_back(state);
                self.found.push((from, u8::try_from(step).unwrap()));
                number
            }
        };
        self.transitions += 1;
        self.happened[step] = true;
        if !is_mishap {
            self.edges.push((from, number));
        }
    }

    /// The nearest state from which none of the `reaching` is in reach: they are followed backwards along every edge, and
    /// what is left over is stuck.
    fn first_without(&self, mut reaching: Vec<bool>) -> Option<usize> {
        // The edges by their end: those that end in state n are at starts[n]..starts[n + 1].
        let mut starts = vec![0_usize; self.states() + 2];
        for (_, to) in &self.edges {
            starts[*to as usize + 2] += 1;
        }
        for end in 1..starts.len() {
            starts[end] += starts[end - 1];
        }
        let mut sources = vec![0_u32; self.edges.len()];
        for (from, to) in &self.edges {
            let slot = &mut starts[*to as usize + 1];
            sources[*slot] = *from;
            *slot += 1;
        }
        let mut waiting: Vec<usize> = (0..reaching.len()).filter(|state| reaching[*state]).collect();
        while let Some(state) = waiting.pop() {
            for source in &sources[starts[state]..starts[state + 1]] {
                let source = *source as usize;
                if !reaching[source] {
                    reaching[source] = true;
                    waiting.push(source);
                }
            }
        }
        reaching.iter().position(|reaches| !reaches)
    }

    fn report<M: Model<State = State>>(
        &self,
        depth: usize,
        resolved: usize,
        wrong: Option<(M::Property, usize)>,
        model: &M,
    ) -> Explored<M::Step, M::Property> {
        Explored {
            transitions: self.transitions,
            states: self.states(),
            depth,
            resolved,
            idle: self.idle(model),
            counterexample: wrong.map(|(property, state)| (property, self.way_to(state, model))),
        }
    }

    fn idle<M: Model<State = State>>(&self, model: &M) -> Vec<M::Step> {
        let steps = model.steps().iter().zip(&self.happened);
        steps
            .filter_map(|(step, happened)| (!happened).then_some(*step))
            .collect()
    }

    fn way_to<M: Model<State = State>>(&self, mut state: usize, model: &M) -> Vec<M::Step> {
        let mut way = Vec::new();
        while state != 0 {
            let (from, step) = self.found[state];
            way.push(model.steps()[step as usize]);
            state = from as usize;
        }
        way.reverse();
        way
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts up to an end; from `trap` on there is no way but into a circle.
    struct Counter {
        end: u8,
        trap: Option<u8>,
        forbidden: Option<u8>,
        mishap: Option<u8>,
    }

    const PLAIN: Counter = Counter {
        end: 9,
        trap: None,
        forbidden: None,
        mishap: None,
    };

    impl Model for Counter {
        type State = u8;
        type Step = u8;
        type Property = &'static str;

        fn initial(&self) -> u8 {
            0
        }

        fn steps(&self) -> &[u8] {
            &[1, 2, 100]
        }

        fn after(&self, state: &u8, step: u8) -> Option<u8> {
            match (step, self.trap) {
                (100, Some(trap)) if *state == trap => Some(100),
                (100, _) => (*state >= 100).then_some(if *state == 100 { 101 } else { 100 }),
                _ => Some(state + step).filter(|next| *next <= self.end),
            }
        }

        fn violated(&self, state: &u8) -> Option<&'static str> {
            (Some(*state) == self.forbidden).then_some("forbidden")
        }

        fn is_resolved(&self, state: &u8) -> bool {
            *state == self.end
        }

        fn resolvable(&self) -> Option<&'static str> {
            Some("resolvable")
        }

        fn is_mishap(&self, step: u8) -> bool {
            Some(step) == self.mishap
        }
    }

    #[test]
    fn counts_states_and_depth() {
        let explored = explore(&PLAIN);
        assert_eq!((explored.states, explored.depth, explored.resolved), (10, 5, 1));
        assert!(explored.counterexample.is_none());
    }

    #[test]
    fn finds_the_shortest_way_to_a_wrong_state() {
        let explored = explore(&Counter {
            forbidden: Some(7),
            ..PLAIN
        });
        let (property, way) = explored.counterexample.unwrap();
        assert_eq!((property, way.len()), ("forbidden", 4));
        assert_eq!(way.iter().sum::<u8>(), 7);
    }

    #[test]
    fn a_circle_without_a_way_out_is_found() {
        let explored = explore(&Counter {
            trap: Some(3),
            ..PLAIN
        });
        let (property, way) = explored.counterexample.unwrap();
        assert_eq!(property, "resolvable");
        assert_eq!(way.last(), Some(&100));
        assert_eq!(way.len(), 3);
    }

    #[test]
    fn a_mishap_is_no_way_out() {
        let explored = explore(&Counter {
            mishap: Some(1),
            ..PLAIN
        });
        // By twos alone an even number never comes to nine.
        assert_eq!(explored.counterexample, Some(("resolvable", vec![])));
    }
}
