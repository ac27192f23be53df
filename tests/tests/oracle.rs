//! No signing oracle: no public function lets a caller choose what a holder key signs.
//!
//! The sources are read, every public function of the crates that an app is given is looked at, and those that could be one
//! by their types have to stand in a list here, with the reason why they are none.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use protocol::{Body as _, Receipt, Transfer, bank::KeyApplication};
use simulator::{Air, Frames, Roles, World, seed_from_environment};
use syn::{
    FnArg, Ident, ImplItemFn, ItemFn, ItemImpl, ItemTrait, LitStr, ReturnType, Signature, TraitItemFn,
    Visibility,
    visit::{self, Visit},
};
use tests::phones::yuan;

/// The crates that an app sees.
const CRATES: [&str; 2] = ["wallet-core", "bindings"];

/// What holds a signature, or makes one.
const SIGNED: [&str; 7] = [
    "Payment",
    "ShortReceipt",
    "Signature",
    "Signed",
    "SignedTransfer",
    "SigningKey",
    "Verified",
];

/// Takes bytes and gives bytes, or gives something signed; and why it is no oracle.
const KNOWN: [(&str, &str); 20] = [
    (
        "Card::process",
        "link: an answer to a command, out of the session's own words",
    ),
    ("CardApplication::exchange", "link: the session's door"),
    (
        "Session::hear",
        "what leaves was composed by the wallet, and read from a committed row",
    ),
    ("Tap::receive", "link: as Session::hear, from the reader's side"),
    ("Handoff::hear", "bindings: Session::hear"),
    ("Handoff::process", "bindings: Card::process"),
    ("Handoff::receive", "bindings: Tap::receive"),
    (
        "unarmed_response",
        "bindings: what a phone without a wallet answers",
    ),
    ("Reader::send", "link: puts a message of the session into a frame"),
    (
        "Channel::encrypt",
        "a channel's key is agreed for one tap, and signs nothing",
    ),
    ("Channel::decrypt", "as encrypt"),
    ("Handshake::write", "as encrypt"),
    ("Handshake::read", "as encrypt"),
    (
        "BankTransport::call",
        "the other way round: the wallet calls the app, with what it has signed",
    ),
    (
        "KeyVault::sign_all",
        "the door to the vault: the app lends it, and the wallet alone calls it. Whoever has made a software vault out of its \
         secret can call it, too, and has the secret",
    ),
    (
        "KeyVault::delete_key",
        "bindings: gives back the handle that it was given",
    ),
    ("KeyVault::list_keys", "bindings: gives handles; it signs nothing"),
    ("KeyVault::wrap", "as sign_all; and it signs nothing"),
    ("KeyVault::unwrap", "as sign_all; and it signs nothing"),
    (
        "secrets",
        "feature `fuzzing`: what a store holds, for the scan of memory; opened by nothing that ships",
    ),
];

/// The public functions of a crate's sources.
#[derive(Default)]
struct Functions {
    /// The type or trait that is being looked into.
    of: Option<String>,
    in_public_trait: bool,
    in_implementation_of_trait: bool,
    found: BTreeMap<String, Suspicion>,
    count: usize,
}

/// What makes a function suspicious.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Suspicion {
    GivesSomethingSigned,
    TakesAndGivesBytes,
}

/// The identifiers in a piece of syntax.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl<'ast> Visit<'ast> for Names {
    fn visit_ident(&mut self, ident: &'ast Ident) {
        self.0.insert(ident.to_string());
    }
}

impl Functions {
    fn look_at(&mut self, signature: &Signature) {
        self.count += 1;
        let (mut taken, mut given) = (Names::default(), Names::default());
        for input in &signature.inputs {
            if let FnArg::Typed(typed) = input {
                taken.visit_type(&typed.ty);
            }
        }
        if let ReturnType::Type(_, output) = &signature.output {
            given.visit_type(output);
        }
        let suspicion = if SIGNED.iter().any(|name| given.0.contains(*name)) {
            Suspicion::GivesSomethingSigned
        } else if taken.0.contains("u8") && given.0.contains("u8") || taken.0.contains("SignJob") {
            Suspicion::TakesAndGivesBytes
        } else {
            return;
        };
        let name = signature.ident.to_string();
        let name = self
            .of
            .as_ref()
            .map_or(name.clone(), |of| format!("{of}::{name}"));
        self.found.insert(name, suspicion);
    }
}

const fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        if is_public(&function.vis) {
            self.look_at(&function.sig);
        }
    }

    fn visit_item_impl(&mut self, block: &'ast ItemImpl) {
        let mut names = Names::default();
        if let syn::Type::Path(path) = &*block.self_ty {
            names
                .0
                .extend(path.path.segments.last().map(|segment| segment.ident.to_string()));
        }
        let outer = (self.of.take(), self.in_implementation_of_trait);
        self.of = names.0.pop_last();
        // What a trait's implementation has is looked at with the trait.
        self.in_implementation_of_trait = block.trait_.is_some();
        visit::visit_item_impl(self, block);
        (self.of, self.in_implementation_of_trait) = outer;
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if is_public(&function.vis) && !self.in_implementation_of_trait {
            self.look_at(&function.sig);
        }
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        let outer = (self.of.replace(item.ident.to_string()), self.in_public_trait);
        self.in_public_trait = is_public(&item.vis);
        visit::visit_item_trait(self, item);
        (self.of, self.in_public_trait) = outer;
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if self.in_public_trait {
            self.look_at(&function.sig);
        }
    }
}

fn house() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every source file below a folder.
fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn parsed(name: &str) -> Vec<syn::File> {
    let mut files = Vec::new();
    sources(&house().join(name).join("src"), &mut files);
    files.sort();
    let text = |path: &PathBuf| fs::read_to_string(path).unwrap();
    files
        .iter()
        .map(|path| syn::parse_file(&text(path)).unwrap())
        .collect()
}

/// All `pub` functions are looked at, also in private modules: one that is re-exported tomorrow is seen today.
#[test]
fn no_public_function_gives_a_signature_of_what_a_caller_chooses() {
    let mut functions = Functions::default();
    for name in CRATES {
        for file in parsed(name) {
            functions.visit_file(&file);
        }
    }
    assert!(functions.count > 90, "{}", functions.count);
    let known: BTreeSet<_> = KNOWN.iter().map(|(name, _)| (*name).to_owned()).collect();
    let found: BTreeSet<_> = functions.found.keys().cloned().collect();
    let new: Vec<_> = functions
        .found
        .iter()
        .filter(|(name, _)| !known.contains(*name))
        .collect();
    assert!(new.is_empty(), "is one of these an oracle? {new:#?}");
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(gone.is_empty(), "these are no more: {gone:?}");
}

/// Collects domain tags.
#[derive(Default)]
struct Tags(Vec<String>);

impl<'ast> Visit<'ast> for Tags {
    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        if item.ident == "TAG"
            && let syn::Expr::Lit(literal) = &item.expr
            && let syn::Lit::Str(tag) = &literal.lit
        {
            self.0.push(LitStr::value(tag));
        }
    }
}

/// No signature of one kind of object is ever one of another: no tag is used twice, and none begins another.
#[test]
fn every_domain_tag_is_another() {
    let mut tags = Tags::default();
    for name in ["protocol", "wallet-core", "bank"] {
        for file in parsed(name) {
            tags.visit_file(&file);
        }
    }
    let tags = tags.0;
    assert!(tags.len() >= 13, "{tags:?}");
    for tag in [Transfer::TAG, Receipt::TAG, KeyApplication::TAG] {
        assert!(tags.iter().any(|found| found == tag), "{tag}");
    }
    assert_eq!(tags.iter().collect::<BTreeSet<_>>().len(), tags.len(), "{tags:?}");
    for tag in &tags {
        assert!(tag.starts_with("dcep/1/") && !tag.contains('\0'), "{tag}");
    }
}

/// What a vault is shown in a wallet's life: transfers, receipts, and applications for its keys. Nothing else, and each
/// begins with its tag.
#[test]
fn every_message_that_a_vault_signs_begins_with_its_tag() {
    let mut world = World::new(seed_from_environment(29)).unwrap();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("50.00")).unwrap();
    for roles in Roles::ALL {
        let mut handoff = world.handoff(&alice, &bob, yuan("7.00"), roles).unwrap();
        assert!(handoff.tap(Frames::Extended, &mut Air::perfect()).completed());
    }
    // One that is given back.
    let request = bob.wallet().request(Some(yuan("1.00"))).unwrap();
    bob.wallet().withdraw(&request.id).unwrap();
    for phone in [&alice, &bob] {
        phone.wallet().sync(phone.line()).unwrap();
        phone.wallet().deposit(phone.line(), None).unwrap();
        let messages = phone.hardware().vault().messages();
        assert!(messages.len() > 16);
        for message in messages {
            let tags = [Transfer::TAG, Receipt::TAG, KeyApplication::TAG];
            let tagged = tags.iter().any(|tag| {
                let rest = message.strip_prefix(tag.as_bytes());
                rest.and_then(|rest| rest.strip_prefix(&[0]))
                    .is_some_and(|id| id.len() == 32)
            });
            assert!(tagged, "{}", String::from_utf8_lossy(&message));
        }
    }
}
