//! The purse: what the wallet owns, in memory, following the store commit by commit.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{
    Amount, Assurance, Day, Grant, Id, Limits, Outpoint, Policy, RequestId, Signed, Timestamp, Trust,
    TrustError, VerifyingKey,
    bank::{Call, IdempotencyKey, Order},
    cbor,
};

use crate::{
    event::{Event, EventId},
    model::{Change, Device, DeviceClock, HolderKey, Outgoing, Piece, Profile, Purpose, Usage},
    spending::Spending,
    store::{Store, StoreError},
};

/// The part of the store that every decision needs.
pub(crate) struct Purse {
    pub(crate) profile: Profile,
    pub(crate) trust: Trust,
    /// See [`Change::TrustSeen`].
    trust_seen: Timestamp,
    pub(crate) device: Device,
    /// How well the keys must be kept of whoever pays this wallet.
    pub(crate) demand: Option<Assurance>,
    /// The holder was told that the pool has run out, and it was not filled since.
    pub(crate) ran_out: bool,
    pieces: BTreeMap<Outpoint, Piece>,
    by_amount: BTreeSet<(Amount, Outpoint)>,
    keys: BTreeMap<VerifyingKey, HolderKey>,
    in_doubt: BTreeMap<Id, InDoubt>,
    /// Loads that the bank has not answered.
    ordered: BTreeMap<IdempotencyKey, Amount>,
    /// Keys that open requests name.
    promised: BTreeMap<RequestId, VerifyingKey>,
    /// Requests that were paid or withdrawn, read when a payer first asks about old ones: see [`Purse::all_requests`].
    closed: Option<Vec<RequestId>>,
    /// Events, oldest first, read when the first one is asked for: see [`Purse::next_event`].
    events: Option<BTreeMap<EventId, Event>>,
    spending: Spending,
    device_clock: DeviceClock,
}

/// A transfer that was signed and is not receipted.
#[derive(Clone, Debug)]
pub(crate) struct InDoubt {
    pub(crate) amount: Amount,
    pub(crate) signed_at: Timestamp,
    /// The request by which the two sides know each other again; a deposit has none.
    pub(crate) request: Option<RequestId>,
    /// See [`Outgoing::frozen`].
    pub(crate) frozen: bool,
    /// It comes back as fresh notes.
    refreshes: bool,
}

impl Purse {
    /// Reads the purse out of the store.
    pub(crate) fn load(store: &Store) -> Result<Self, LoadError> {
        let profile = store.profile()?;
        let mut trust = Trust::new(profile.root);
        trust.merge(&store.trust()?)?;
        let mut purse = Self::new(profile, trust, store.device()?);
        purse.demand = store.demand()?;
        purse.ran_out = store.ran_out()?;
        purse.trust_seen = store.trust_seen()?;
        for key in store.keys()? {
            purse.apply(&Change::Key(key));
        }
        for piece in store.pieces()? {
            purse.apply(&Change::Gained(piece));
        }
        for outgoing in store.in_doubt()? {
            purse.note_outgoing(&outgoing);
        }
        for order in store.orders()? {
            purse.apply(&Change::Order(order));
        }
        for request in store.open_requests()? {
            purse.apply(&Change::Request(request));
        }
        purse.apply(&Change::Spending(store.spending()?));
        purse.apply(&Change::DeviceClock(store.device_clock()?));
        Ok(purse)
    }

    pub(crate) const fn new(profile: Profile, trust: Trust, device: Device) -> Self {
        Self {
            profile,
            trust,
            trust_seen: Timestamp::from_seconds(0),
            device,
            demand: None,
            ran_out: false,
            pieces: BTreeMap::new(),
            by_amount: BTreeSet::new(),
            keys: BTreeMap::new(),
            in_doubt: BTreeMap::new(),
            ordered: BTreeMap::new(),
            promised: BTreeMap::new(),
            closed: None,
            events: None,
            spending: Spending::none(),
            device_clock: DeviceClock::Right,
        }
    }

    /// Follows a change that was committed.
    pub(crate) fn apply(&mut self, change: &Change) {
        match change {
            Change::Profile(profile) => self.profile = profile.clone(),
            Change::Device(device) => self.device = *device,
            Change::Demand(assurance) => self.demand = *assurance,
            Change::RanOut(told) => self.ran_out = *told,
            Change::Trust(bundle) => {
                // Only bundles made of checked trust are committed, so merging cannot fail.
                let merged = self.trust.merge(bundle);
                debug_assert!(merged.is_ok());
            }
            Change::TrustSeen(at) => self.trust_seen = *at,
            Change::Key(key) => {
                self.keys.insert(key.public, key.clone());
            }
            Change::Gained(piece) => {
                self.by_amount.insert((piece.amount, piece.outpoint));
                self.pieces.insert(piece.outpoint, piece.clone());
            }
            Change::Spent(outpoint) => {
                if let Some(piece) = self.pieces.remove(outpoint) {
                    self.by_amount.remove(&(piece.amount, piece.outpoint));
                }
            }
            Change::Outgoing(outgoing) => self.note_outgoing(outgoing),
            Change::Request(own) => {
                if own.is_open() {
                    self.promised
                        .insert(own.request.id, own.request.payee.body.holder_key);
                } else if self.promised.remove(&own.request.id).is_some() {
                    self.closed
                        .iter_mut()
                        .for_each(|closed| closed.push(own.request.id));
                }
            }
            Change::Event(event) => self.events.iter_mut().for_each(|events| {
                events.insert(event.id, event.clone());
            }),
            Change::EventDone(id) => self.events.iter_mut().for_each(|events| {
                events.remove(id);
            }),
            Change::Order(order) => {
                self.ordered.insert(order.key, loads(&order.call));
            }
            Change::OrderDone(key) => {
                self.ordered.remove(key);
            }
            Change::Spending(spending) => self.spending = spending.clone(),
            Change::DeviceClock(clock) => self.device_clock = *clock,
            Change::Element(_)
            | Change::Secret(..)
            | Change::Past(_)
            | Change::Consumed(..)
            | Change::Incoming(_)
            | Change::Proof(_)
            | Change::ProofDone(_)
            | Change::Load(_)
            | Change::Closing(_)
            | Change::Refunds(_) => {}
        }
    }

    fn note_outgoing(&mut self, outgoing: &Outgoing) {
        let request = match &outgoing.purpose {
            Purpose::Payment(request) => Some(request.id),
            Purpose::Return { request, .. } | Purpose::Refund { request, .. } => Some(*request),
            Purpose::Deposit(_) | Purpose::Refresh(_) => None,
        };
        if !outgoing.is_in_doubt() {
            self.in_doubt.remove(&outgoing.transfer);
        } else {
            let doubt = InDoubt {
                amount: outgoing.amount,
                signed_at: outgoing.signed_at,
                request,
                frozen: outgoing.frozen,
                refreshes: matches!(outgoing.purpose, Purpose::Refresh(_)) && !outgoing.frozen,
            };
            self.in_doubt.insert(outgoing.transfer, doubt);
        }
    }

    /// Every request this wallet ever made, open ones first, then the closed ones from the newest back.
    pub(crate) fn all_requests(
        &mut self,
        store: &Store,
    ) -> Result<impl Iterator<Item = RequestId>, StoreError> {
        let closed = match &mut self.closed {
            Some(closed) => closed,
            none => {
                let mut rows = store.closed_requests()?;
                rows.sort_by_key(|own| own.created);
                none.insert(rows.into_iter().map(|own| own.request.id).collect())
            }
        };
        Ok(self.promised.keys().chain(closed.iter().rev()).copied())
    }

    /// The oldest event that nobody has acknowledged.
    pub(crate) fn next_event(&mut self, store: &Store) -> Result<Option<Event>, StoreError> {
        Ok(self
            .events(store)?
            .first_key_value()
            .map(|(_, event)| event.clone()))
    }

    /// The newest one.
    pub(crate) fn newest_event(&mut self, store: &Store) -> Result<Option<EventId>, StoreError> {
        Ok(self.events(store)?.last_key_value().map(|(id, _)| *id))
    }

    fn events(&mut self, store: &Store) -> Result<&mut BTreeMap<EventId, Event>, StoreError> {
        match &mut self.events {
            Some(events) => Ok(events),
            none => {
                let rows = store.events()?;
                Ok(none.insert(rows.into_iter().map(|event| (event.id, event)).collect()))
            }
        }
    }

    /// Transfers in doubt: payments, deposits, returns.
    pub(crate) const fn in_doubt(&self) -> &BTreeMap<Id, InDoubt> {
        &self.in_doubt
    }

    /// All pieces, in no particular order.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.values()
    }

    /// Whether this piece is here.
    pub(crate) fn holds(&self, outpoint: &Outpoint) -> bool {
        self.pieces.contains_key(outpoint)
    }

    /// Pieces of at least `amount`, smallest first.
    pub(crate) fn from(&self, amount: Amount) -> impl Iterator<Item = &Piece> {
        let least = Outpoint {
            origin: Id::from_bytes([0; 32]),
            output: 0,
        };
        self.by_amount
            .range((amount, least)..)
            .filter_map(|(_, outpoint)| self.pieces.get(outpoint))
    }

    /// All pieces, largest first.
    pub(crate) fn largest(&self) -> impl Iterator<Item = &Piece> {
        self.by_amount
            .iter()
            .rev()
            .filter_map(|(_, outpoint)| self.pieces.get(outpoint))
    }

    pub(crate) fn key(&self, public: &VerifyingKey) -> Option<&HolderKey> {
        self.keys.get(public)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &HolderKey> {
        self.keys.values()
    }

    /// Certified keys that may be shown to a new payer, best first: in no payment and no open request; then the rest.
    pub(crate) fn keys_to_show(&self, today: Day) -> impl Iterator<Item = &HolderKey> {
        let usable = |key: &&HolderKey| {
            !matches!(key.usage, Usage::Retired | Usage::Frozen) && self.certified(key, today)
        };
        let promised: BTreeSet<_> = self.promised.values().collect();
        let mut keys: Vec<_> = self.keys.values().filter(usable).collect();
        keys.sort_by_key(|key| (key.usage, promised.contains(&key.public)));
        keys.into_iter()
    }

    /// Whether a key is in no payment, no load and no open request.
    pub(crate) fn is_unused(&self, key: &HolderKey) -> bool {
        key.usage == Usage::Fresh && self.promised.values().all(|promised| *promised != key.public)
    }

    /// Whether a key has signed a payment before.
    pub(crate) fn is_shown(&self, key: &VerifyingKey) -> bool {
        self.keys.get(key).is_some_and(|key| key.usage == Usage::Shown)
    }

    /// How many certified keys were never shown to anybody.
    pub(crate) fn fresh_keys(&self, today: Day) -> usize {
        self.keys
            .values()
            .filter(|key| key.usage == Usage::Fresh && self.certified(key, today))
            .count()
    }

    /// Keys that are in no payment and have no certificate that is valid on that day.
    pub(crate) fn keys_to_certify(&self, day: Day) -> impl Iterator<Item = &HolderKey> {
        let keys = self.keys.values();
        keys.filter(move |key| key.usage == Usage::Fresh && !self.certified(key, day))
    }

    /// Whether a key has a certificate that is valid on that day.
    pub(crate) fn certified(&self, key: &HolderKey, today: Day) -> bool {
        // Its signature was checked when it was stored.
        let valid = |certificate: &Signed<_>| self.trust.check_unsigned(&certificate.body, today).is_ok();
        key.certificate.as_ref().is_some_and(valid)
    }

    /// What the operator says of this wallet, in the newest of its certificates.
    pub(crate) fn grant(&self) -> Option<&Grant> {
        let grants = self
            .keys
            .values()
            .filter_map(|key| Some(&key.certificate.as_ref()?.body.grant));
        grants.max_by_key(|grant| grant.validity.from)
    }

    /// The policy of its operator for wallets of its class.
    pub(crate) fn policy(&self) -> Option<&Policy> {
        let grant = self.grant()?;
        self.trust.policy(grant.operator, grant.class)
    }

    /// The limits of this wallet.
    pub(crate) fn limits(&self) -> Option<&Limits> {
        self.policy().map(|policy| &policy.limits)
    }

    /// What was paid that still counts under them.
    pub(crate) const fn spending(&self) -> &Spending {
        &self.spending
    }

    /// How the device's clock stood when the bank last told the time.
    pub(crate) const fn device_clock(&self) -> DeviceClock {
        self.device_clock
    }

    /// When the bank last said that the trust bundle is the newest.
    pub(crate) const fn trust_seen(&self) -> Timestamp {
        self.trust_seen
    }

    /// How new the status list is; 0 if there is none.
    pub(crate) fn status_version(&self) -> u64 {
        self.trust.status().map_or(0, |list| list.version)
    }

    /// Everything the wallet owns, whether it can be paid on or not. Never more than the issuer ever issued.
    pub(crate) fn total(&self) -> Amount {
        sum(self.pieces().map(|piece| piece.amount))
    }

    /// What the wallet will own when the bank has answered: also the loads and the refreshes that are on their way. This is
    /// held against the limit on what it may hold, or two loads at once would each find the same room.
    pub(crate) fn expected(&self) -> Amount {
        let refreshes = self.in_doubt.values().filter(|doubt| doubt.refreshes);
        let coming = refreshes.map(|doubt| doubt.amount);
        sum(coming.chain(self.ordered.values().copied()).chain([self.total()]))
    }
}

/// How much a call to the bank asks to be loaded.
fn loads(call: &[u8]) -> Amount {
    match cbor::decode::<Signed<Call>>("call", call).map(|call| call.body.order) {
        Ok(Order::Load { amount, .. }) => amount,
        _ => Amount::ZERO,
    }
}

/// The sum of amounts of one wallet. All value in the world is below [`Amount::MAX`].
pub(crate) fn sum(amounts: impl Iterator<Item = Amount>) -> Amount {
    Amount::checked_sum(amounts).unwrap_or(Amount::MAX)
}

/// The rows of a store do not make a purse.
pub(crate) enum LoadError {
    Store(StoreError),
    /// Stored trust no longer verifies: somebody wrote into the file who had the data key.
    Trust,
}

impl From<StoreError> for LoadError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<TrustError> for LoadError {
    fn from(_: TrustError) -> Self {
        Self::Trust
    }
}

#[cfg(test)]
mod tests;
