"""An independent reader of the wire format, written from docs/wire-format.md.

It reads, names, verifies and writes everything there; the sections it cites are those of that page. It is slow and
plain on purpose.
"""

import hashlib
import hmac
import unicodedata

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature


class Refused(Exception):
    """Bytes that must be refused; `code` is a name from the table of errors."""

    def __init__(self, code, why=""):
        super().__init__(f"{code}: {why}")
        self.code = code


def require(condition, code, why=""):
    if not condition:
        raise Refused(code, why)


# --- Section 2: CBOR in its one accepted form ---


def decode_sequence(data):
    """The items that stand one after another in `data`."""
    items, at = [], 0
    while at < len(data):
        item, at = _item(data, at)
        items.append(item)
    return items


def decode(data):
    items = decode_sequence(data)
    require(items, "malformed", "no bytes")
    require(len(items) == 1, "not-canonical", "bytes follow")
    return items[0]


def _item(data, at, depth=0):
    require(depth < 16, "malformed", "nested too deeply")
    require(at < len(data), "malformed", "cut short")
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7 and info in (20, 21, 22):
        return (False, True, None)[info - 20], at
    require(major in (0, 2, 3, 4), "malformed", "a kind that does not occur")
    value = info
    if info >= 24:
        require(info <= 27, "malformed", "indefinite or reserved length")
        width = 1 << (info - 24)
        require(at + width <= len(data), "malformed", "cut short")
        value = int.from_bytes(data[at : at + width], "big")
        at += width
        least = {1: 24, 2: 1 << 8, 4: 1 << 16, 8: 1 << 32}[width]
        require(value >= least, "not-canonical", "a longer head than needed")
    if major == 0:
        return value, at
    if major == 4:
        items = []
        for _ in range(value):
            item, at = _item(data, at, depth + 1)
            items.append(item)
        return items, at
    content = data[at : at + value]
    require(len(content) == value, "malformed", "cut short")
    if major == 2:
        return content, at + value
    try:
        return content.decode("utf-8"), at + value
    except UnicodeDecodeError:
        raise Refused("malformed", "not UTF-8") from None


def encode(item):
    if item is None:
        return b"\xf6"
    if isinstance(item, bool):
        return b"\xf5" if item else b"\xf4"
    if isinstance(item, int):
        return _head(0, item)
    if isinstance(item, bytes):
        return _head(2, len(item)) + item
    if isinstance(item, str):
        return _head(3, len(item.encode())) + item.encode()
    return _head(4, len(item)) + b"".join(map(encode, item))


def is_number(item):
    return isinstance(item, int) and not isinstance(item, bool)


def _head(major, value):
    if value < 24:
        return bytes([major << 5 | value])
    for info, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 256**width:
            return bytes([major << 5 | info]) + value.to_bytes(width, "big")
    raise ValueError(value)


# --- Section 5: the shapes of objects ---
#
# A shape turns a CBOR item into what it means and back. Records become dictionaries.


class Uint:
    def __init__(self, most, least=0):
        self.least, self.most = least, most

    def read(self, item):
        require(is_number(item) and self.least <= item <= self.most, "malformed", "not such a number")
        return item

    def write(self, value):
        return value


class Bool:
    def read(self, item):
        require(isinstance(item, bool), "malformed", "neither true nor false")
        return item

    def write(self, value):
        return value


class Bytes:
    def __init__(self, size=None):
        self.size = size

    def read(self, item):
        require(isinstance(item, bytes) and self.size in (None, len(item)), "malformed", "not such bytes")
        return item

    def write(self, value):
        return value


class Key(Bytes):
    def read(self, item):
        super().read(item)
        ed25519_key = len(item) == 33 and item[0] == 1
        p256_key = len(item) == 34 and item[0] == 2 and item[1] in (2, 3)
        require(ed25519_key or p256_key, "malformed", "not a key of a known algorithm")
        return item


class Name:
    HIDDEN = (
        {0xAD, 0x61C, 0x180E, 0xFEFF}
        | set(range(0x200B, 0x2010))
        | set(range(0x2028, 0x202F))
        | set(range(0x2060, 0x2070))
        | set(range(0xFFF9, 0xFFFC))
        | set(range(0xE0000, 0xE0080))
    )

    def read(self, item):
        require(isinstance(item, str) and 1 <= len(item.encode()) <= 48, "malformed", "not a name")
        for character in item:
            allowed = unicodedata.category(character) != "Cc" and ord(character) not in self.HIDDEN
            require(allowed, "malformed", "a deceptive character in a name")
        return item

    def write(self, value):
        return value


class Code(Uint):
    """A number of the table of errors; the table is given by whoever has it."""

    known = frozenset()

    def __init__(self):
        super().__init__(65_535, 1)

    def read(self, item):
        require(super().read(item) in self.known, "malformed", "not in the table of errors")
        return item


class OrNull:
    def __init__(self, shape):
        self.shape = shape

    def read(self, item):
        return None if item is None else self.shape.read(item)

    def write(self, value):
        return None if value is None else self.shape.write(value)


class List:
    def __init__(self, shape, size=None):
        self.shape, self.size = shape, size

    def read(self, item):
        require(isinstance(item, list) and self.size in (None, len(item)), "malformed", "not such a list")
        return [self.shape.read(element) for element in item]

    def write(self, value):
        return [self.shape.write(element) for element in value]


class Record:
    """An array of named fields. The last may be optional: then it is left out, never null."""

    def __init__(self, optional=None, /, **fields):
        self.fields, self.optional = fields, optional

    def read(self, item):
        require(isinstance(item, list), "malformed", "not an array")
        least = len(self.fields) - (self.optional is not None)
        require(least <= len(item) <= len(self.fields), "malformed", "array of another length")
        values = {name: None for name in self.fields}
        for (name, shape), element in zip(self.fields.items(), item):
            require(name != self.optional or element is not None, "not-canonical", "null for what is absent")
            values[name] = shape.read(element)
        return values

    def write(self, value):
        return [
            shape.write(value[name])
            for name, shape in self.fields.items()
            if name != self.optional or value[name] is not None
        ]


class Terms(Record):
    """What a payee says beyond the amount: a name or null, and perhaps a demand. Left out when it is nothing."""

    def read(self, item):
        require(item != [], "not-canonical", "terms without anything in them")
        values = super().read(item)
        require(any(value is not None for value in values.values()), "not-canonical", "terms without anything in them")
        return values


class OneOf:
    """An array that begins with a number, which says what follows."""

    def __init__(self, **choices):
        self.choices = list(choices.items())

    def read(self, item):
        known = isinstance(item, list) and item and is_number(item[0]) and item[0] < len(self.choices)
        require(known, "malformed", "unknown kind")
        name, shape = self.choices[item[0]]
        return {name: shape.read(item[1:])}

    def write(self, value):
        ((name, content),) = value.items()
        number = [choice for choice, _ in self.choices].index(name)
        return [number, *self.choices[number][1].write(content)]


class Alone:
    """What follows the number in a `OneOf`, if it is one thing without a name of its own."""

    def __init__(self, shape):
        self.shape = shape

    def read(self, item):
        require(len(item) == 1, "malformed", "not one thing")
        return self.shape.read(item[0])

    def write(self, value):
        return [self.shape.write(value)]


class Nothing:
    def read(self, item):
        require(item == [], "malformed", "something more")

    def write(self, _):
        return []


class Signatures:
    def read(self, item):
        require(isinstance(item, bytes) and item and len(item) % 64 == 0, "malformed", "not signatures")
        return [item[at : at + 64] for at in range(0, len(item), 64)]

    def write(self, value):
        return b"".join(value)


class Ascending(List):
    def read(self, item):
        values = super().read(item)
        require(all(a < b for a, b in zip(values, values[1:])), "malformed", "not in ascending order")
        return values


def signed(shape):
    return Record(body=shape, signature=SIGNATURE)


UINT8, UINT16, UINT32, UINT64 = (Uint(256**width - 1) for width in (1, 2, 4, 8))
AMOUNT, POSITIVE = Uint(2**53 - 1), Uint(2**53 - 1, 1)
KEY, NAME, SIGNATURE, ID = Key(), Name(), Bytes(64), Bytes(32)
BYTES16 = Bytes(16)
VALIDITY = Record(**{"from": UINT32, "until": UINT32})
CLASS, ASSURANCE = Uint(4, 1), Uint(2)

OPERATOR = Record(
    operator=UINT32, version=UINT64, name=NAME, certifying_key=KEY, settlement_key=KEY, validity=VALIDITY
)
GRANT = Record("name", operator=UINT32, **{"class": CLASS}, assurance=ASSURANCE, validity=VALIDITY, name=NAME)
CERTIFICATE = Record(holder_key=KEY, static_key=BYTES16, grant=GRANT)
OFFLINE = Record(total=AMOUNT, payments=UINT32, hops=UINT32, age_days=UINT32)
LIMITS = Record(
    balance=AMOUNT,
    per_payment=AMOUNT,
    per_day=AMOUNT,
    per_year=OrNull(AMOUNT),
    offline=OFFLINE,
    unconfirmed_each=AMOUNT,
    unconfirmed_total=AMOUNT,
)
POLICY = Record(
    "stale_after_days",
    operator=UINT32,
    **{"class": CLASS},
    version=UINT64,
    profile=NAME,
    limits=LIMITS,
    stale_after_days=Uint(2**32 - 1, 1),
)
AUTHORITY = Record(version=UINT64, key=KEY, validity=VALIDITY)
STATUS_LIST = Record(version=UINT64, issued_at=UINT64, keys=Ascending(BYTES16))
SERIES = Record(series=UINT32, note_key=KEY, issue=VALIDITY, spend_until=UINT32, claim_until=UINT32)
TRUST_BUNDLE = Record(
    operators=List(signed(OPERATOR)),
    series=List(signed(SERIES)),
    policies=List(signed(POLICY)),
    authority=List(signed(AUTHORITY)),
    status=List(signed(STATUS_LIST)),
)
NOTE = Record(series=UINT32, serial=UINT64, issued=UINT32, amount=POSITIVE, holder_key=KEY)
OUTPOINT = Record(origin=ID, output=UINT8)
OUTPUT = Record(holder_key=KEY, amount=POSITIVE)
TRANSFER = Record(inputs=List(OUTPOINT), outputs=List(OUTPUT), reference=BYTES16)
SIGNED_TRANSFER = Record(transfer=TRANSFER, signatures=Signatures())
RECEIPT = Record(transfer=ID, taken_at=UINT64)
TERMS = Terms("assurance", name=OrNull(NAME), assurance=Uint(2, 1))
REQUEST = Record("terms", id=BYTES16, amount=OrNull(POSITIVE), payee=signed(CERTIFICATE), terms=TERMS)
BRANCH = Record(transfer=TRANSFER, signature=SIGNATURE)
FORK_PROOF = Record(
    origin=OneOf(note=Alone(NOTE), transfer=Alone(TRANSFER)), output=UINT8, first=BRANCH, second=BRANCH
)
NEVER_CERTIFIED = Record(operator=UINT32, holder_key=KEY, at=UINT64)
TAKING = Record(
    path=List(TRANSFER),
    output=UINT8,
    certificate=signed(CERTIFICATE),
    act=OneOf(receipt=Alone(signed(RECEIPT)), paid_on=Alone(BRANCH)),
)
ATTRIBUTION = Record(
    proof=FORK_PROOF,
    basis=OneOf(
        certified=Alone(signed(CERTIFICATE)),
        taken=Record(statements=List(signed(NEVER_CERTIFIED)), takings=List(TAKING)),
    ),
)
SHORT_RECEIPT = Record("returned", taken_at=UINT64, signature=SIGNATURE, returned=SIGNATURE)
REFUSAL = Record("at_most", code=Code(), at_most=AMOUNT)
REFUND = Record(receipt=SHORT_RECEIPT, payment=Bytes())
SLIP = OneOf(
    request=Alone(signed(REQUEST)),
    payment=Record(request=BYTES16, answer=Bytes()),
    receipt=Record(transfer=ID, receipt=SHORT_RECEIPT),
    refund=Record(paid=ID, refund=REFUND),
)
RECOGNISED = Record("receipt", proof=Bytes(8), receipt=SHORT_RECEIPT)
KEY_APPLICATION = Record(
    "device", account=KEY, holder_key=KEY, static_key=BYTES16, assurance=ASSURANCE, device=BYTES16
)
ORDER = OneOf(
    enrol=Record("name", **{"class": CLASS}, name=NAME),
    certify=Record(keys=List(signed(KEY_APPLICATION))),
    load=Record(amount=AMOUNT, keys=List(KEY)),
    deposit=Record(payment=Bytes()),
    account=Record(),
    report=Record("receipt", payment=Bytes(), receipt=SHORT_RECEIPT),
    collect=Record(after=UINT64),
    accuse=Record(proof=FORK_PROOF),
    retire=Record(keys=List(KEY)),
    inquire=Record(transfers=List(ID)),
    refresh=Record(payment=Bytes(), keys=List(KEY)),
    freeze=Record(device=BYTES16),
)
DELIVERY = OneOf(
    payment=Record(payment=Bytes()), closed=Record(outpoint=OUTPOINT, amount=AMOUNT),
    frozen=Record(devices=List(BYTES16)),
)
CALL = Record(account=KEY, idempotency_key=BYTES16, order=ORDER)
BANK_ANSWER = OneOf(
    refused=Record(refusal=REFUSAL),
    enrolled=Record(trust=TRUST_BUNDLE),
    certified=Record(certificates=List(signed(CERTIFICATE))),
    loaded=Record(notes=List(signed(NOTE))),
    deposited=Record(receipt=signed(RECEIPT)),
    account=Record(balance=AMOUNT),
    recorded=Record(),
    delivered=Record(deliveries=List(DELIVERY), last=UINT64, more=Bool()),
    accused=Record(),
    retired=Record(),
    known=Record(transfers=List(ID)),
    refreshed=Record(receipt=signed(RECEIPT), notes=List(signed(NOTE))),
    frozen=Record(),
)
RECEIPT_FILE = Record(
    version=UINT8, payment=Bytes(), receipt=signed(RECEIPT), payee=signed(CERTIFICATE), trust=TRUST_BUNDLE
)
REPLY = Record(operator=UINT32, call=ID, at=UINT64, answer=BANK_ANSWER)

# Section 3: the kinds of signed objects and their tags.
SIGNED = {
    "signed-operator": (OPERATOR, "dcep/1/operator"),
    "signed-series": (SERIES, "dcep/1/series"),
    "signed-policy": (POLICY, "dcep/1/policy"),
    "signed-authority": (AUTHORITY, "dcep/1/status-authority"),
    "signed-status-list": (STATUS_LIST, "dcep/1/status-list"),
    "signed-certificate": (CERTIFICATE, "dcep/1/holder"),
    "signed-note": (NOTE, "dcep/1/note"),
    "signed-receipt": (RECEIPT, "dcep/1/receipt"),
    "signed-request": (REQUEST, "dcep/1/request"),
    "signed-never-certified": (NEVER_CERTIFIED, "dcep/1/never-certified"),
    "signed-key-application": (KEY_APPLICATION, "dcep/1/key-application"),
    "signed-call": (CALL, "dcep/1/call"),
    "signed-reply": (REPLY, "dcep/1/reply"),
}
PLAIN = {
    "trust-bundle": TRUST_BUNDLE,
    "transfer": TRANSFER,
    "signed-transfer": SIGNED_TRANSFER,
    "request": REQUEST,
    "slip": SLIP,
    "fork-proof": FORK_PROOF,
    "attribution": ATTRIBUTION,
    "receipt-file": RECEIPT_FILE,
} | {kind: signed(shape) for kind, (shape, _) in SIGNED.items()}


def read(kind, data, request=None, static_key_hash=None):
    """What bytes of a kind mean. Answers need the request, offers the hash of the proven static key."""
    if kind in ("payment", "answer"):
        return Payment.read(data, request if kind == "answer" else None).fields()
    if kind == "payee-message":
        return read_payee_message(data, static_key_hash)
    if kind == "payer-message":
        return read_payer_message(data)
    return PLAIN[kind].read(decode(data))


def write(kind, value):
    return encode(PLAIN[kind].write(value))


# --- Section 3: ids and signatures ---


def tagged(tag, *parts):
    return hashlib.sha256(tag.encode() + b"\0" + b"".join(parts)).digest()


def object_id(shape, tag, value):
    return tagged(tag, encode(shape.write(value)))


def message(tag, name):
    return tag.encode() + b"\0" + name


def transfer_id(transfer):
    return object_id(TRANSFER, "dcep/1/transfer", transfer)


def is_signed(kind, value, key):
    """Whether `key` signed the body of a signed object."""
    shape, tag = SIGNED[kind]
    return verifies(key, message(tag, object_id(shape, tag, value["body"])), value["signature"])


P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ED25519_PRIME = 2**255 - 19
# The y coordinates of the eight points of small order.
SMALL_ORDER = {
    0,
    1,
    ED25519_PRIME - 1,
    int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
    int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
}


def verifies(key, text, signature):
    """Section 1: whether this is the key's signature, in its one accepted form."""
    try:
        if key[0] == 1:
            for point in (key[1:], signature[:32]):
                y = int.from_bytes(point, "little") % 2**255 % ED25519_PRIME
                if y in SMALL_ORDER:
                    return False
            ed25519.Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature, text)
        else:
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            if not 0 < r < P256_ORDER or not 0 < s <= (P256_ORDER - 1) // 2:
                return False
            public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key[1:])
            public.verify(encode_dss_signature(r, s), text, ec.ECDSA(hashes.SHA256()))
        return True
    except (InvalidSignature, ValueError):
        return False


# --- Section 4: hashes that are not ids ---


def key_hash(key):
    return tagged("dcep/1/key", key)[:16]


def hash_of_static_key(static_key):
    return tagged("dcep/1/static-key", static_key)[:16]


def reference_to_request(request_id):
    return tagged("dcep/1/reference/request", request_id)[:16]


def reference_to_return(paid):
    return tagged("dcep/1/reference/return", paid)[:16]


def reference_to_deposit(account, order):
    return tagged("dcep/1/reference/deposit", order, account)[:16]


def reference_to_refresh(account, order):
    return tagged("dcep/1/reference/refresh", order, account)[:16]


def resume_question(request_id, handshake_hash):
    return hmac.digest(request_id, b"dcep/1/resume\0" + handshake_hash, "sha256")[:8]


def resume_answer(request_id, handshake_hash):
    return hmac.digest(request_id, b"dcep/1/resumed\0" + handshake_hash, "sha256")[:8]


# --- Section 6: payments ---

MAX_PAYMENT, MAX_ELEMENTS, MAX_PARTS = 32_768, 256, 64

CHAINED = Record(inputs=List(UINT64), outputs=List(Bytes()), reference=BYTES16, signatures=Signatures())
PAYING = Record(inputs=List(UINT64), outputs=List(Bytes()), signatures=Signatures())
SIGNERS_CERTIFICATE = Record(static_key=BYTES16, grant=GRANT, signature=SIGNATURE)


class Payment:
    """A well-formed payment, with every elision undone."""

    def __init__(self):
        self.notes, self.transfers, self.certificates = [], [], []
        self.ids = []  # of the transfers
        self.owners = []  # of the inputs of each transfer, distinct
        self._outputs = []  # all, in order: origin, number, holder key, amount, hops
        self._seen = set()
        self._used = set()

    @classmethod
    def read(cls, data, request=None):
        require(len(data) <= MAX_PAYMENT, "too-large")
        item = decode(data)
        require(isinstance(item, list) and len(item) == 3, "malformed", "not a payment")
        notes, transfers, certificates = item
        for part in item:
            require(isinstance(part, list), "malformed", "not a list")
        self = cls()
        for note in notes:
            self._add_note(signed(NOTE).read(note))
        for number, transfer in enumerate(transfers):
            is_final = number == len(transfers) - 1
            self._add_transfer(transfer, request if is_final else None)
        for part in (notes, transfers):
            require(1 <= len(part) <= MAX_ELEMENTS, "ill-formed-history", "no note or no transfer, or too many")
        origins = {note_id(note["body"]) for note in self.notes} | set(self.ids[:-1])
        require(origins <= self._used, "ill-formed-history", "something superfluous")
        signers = self.owners[-1]
        require(len(certificates) == len(signers), "ill-formed-history", "not the signers' certificates")
        for holder_key, certificate in zip(signers, certificates):
            fields = SIGNERS_CERTIFICATE.read(certificate)
            body = {"holder_key": holder_key, "static_key": fields["static_key"], "grant": fields["grant"]}
            self.certificates.append({"body": body, "signature": fields["signature"]})
        require(len(self.write()) <= MAX_PAYMENT, "too-large", "the complete encoding")
        return self

    def _add_output(self, origin, number, output, hops):
        self._outputs.append((origin, number, output["holder_key"], output["amount"], hops))

    def _add_element(self, name):
        require(name not in self._seen, "ill-formed-history", "one element twice")
        self._seen.add(name)

    def _add_note(self, note):
        name = note_id(note["body"])
        self._add_element(name)
        self._add_output(name, 0, note["body"], 0)
        self.notes.append(note)

    def _add_transfer(self, item, request):
        length = 3 if request else 4
        require(isinstance(item, list) and len(item) == length, "malformed", "not a transfer")
        distances = List(UINT64).read(item[0])
        require(len(distances) <= MAX_PARTS, "malformed", "too many inputs")
        for distance in distances:
            require(distance < len(self._outputs), "ill-formed-history", "an unknown input")
        sources = [self._outputs[-1 - distance] for distance in distances]
        left = sum(source[3] for source in sources)
        require(left < 2**53, "sums-differ", "more than there can be")

        # Keys and amounts in turn, without the first key in an answer, and always without the last amount.
        parts = item[1]
        require(isinstance(parts, list), "malformed", "not a list of outputs")
        if request:
            parts = [request["payee"]["body"]["holder_key"], *parts]
        require(len(parts) % 2 == 1 and len(parts) < 2 * MAX_PARTS, "malformed", "keys and amounts do not alternate")
        keys = [KEY.read(part) for part in parts[0::2]]
        amounts = [POSITIVE.read(part) for part in parts[1::2]]
        last = left - sum(amounts)
        require(last > 0, "sums-differ")
        outputs = [{"holder_key": key, "amount": amount} for key, amount in zip(keys, [*amounts, last])]

        reference = reference_to_request(request["id"]) if request else BYTES16.read(item[2])
        signatures = Signatures().read(item[-1])
        require(distances and len(set(distances)) == len(distances), "ill-formed-history", "no input, or one twice")
        inputs = [{"origin": source[0], "output": source[1]} for source in sources]
        transfer = {"inputs": inputs, "outputs": outputs, "reference": reference}
        owners = list(dict.fromkeys(source[2] for source in sources))
        require(len(signatures) == len(owners), "ill-formed-history", "signatures of another number than owners")

        name = transfer_id(transfer)
        self._add_element(name)
        self._used |= {source[0] for source in sources}
        hops = 1 + max(source[4] for source in sources)
        for number, output in enumerate(outputs):
            self._add_output(name, number, output, hops)
        self.transfers.append({"transfer": transfer, "signatures": signatures})
        self.ids.append(name)
        self.owners.append(owners)

    def write(self, request=None):
        """The complete encoding, or the answer to a request."""
        places = {output[:2]: place for place, output in enumerate(self._outputs)}
        before, transfers = len(self.notes), []
        for number, signed_transfer in enumerate(self.transfers):
            transfer = signed_transfer["transfer"]
            is_answer = request is not None and number == len(self.transfers) - 1
            distances = [before - 1 - places[i["origin"], i["output"]] for i in transfer["inputs"]]
            outputs = [part for output in transfer["outputs"] for part in (output["holder_key"], output["amount"])]
            outputs = outputs[1:-1] if is_answer else outputs[:-1]
            reference = [] if is_answer else [transfer["reference"]]
            transfers.append([distances, outputs, *reference, b"".join(signed_transfer["signatures"])])
            before += len(transfer["outputs"])
        certificates = [
            SIGNERS_CERTIFICATE.write({**certificate["body"], "signature": certificate["signature"]})
            for certificate in self.certificates
        ]
        return encode([[signed(NOTE).write(note) for note in self.notes], transfers, certificates])

    def fields(self):
        return {"notes": self.notes, "transfers": self.transfers, "certificates": self.certificates}

    @property
    def id(self):
        return self.ids[-1]

    @property
    def hops(self):
        return self._outputs[-1][4]

    def consumptions(self):
        for name, signed_transfer in zip(self.ids, self.transfers):
            for consumed in signed_transfer["transfer"]["inputs"]:
                yield (consumed["origin"], consumed["output"]), name


def note_id(note):
    return object_id(NOTE, "dcep/1/note", note)


# --- Section 7: verifying ---


def verify(payment, request, trust, now, limits, consumed):
    """What the payment gives the payee; `consumed` maps (origin, output) to the transfer that consumed it."""
    final = payment.transfers[-1]["transfer"]
    paid, *change = final["outputs"]
    payee, amount, today = request["payee"]["body"]["holder_key"], paid["amount"], now // 86_400
    require(paid["holder_key"] == payee and all(c["holder_key"] != payee for c in change), "wrong-payee")
    require(final["reference"] == reference_to_request(request["id"]), "wrong-request")
    require(request["amount"] in (None, amount), "wrong-amount")
    require(amount <= limits["per_payment"], "payment-limit")
    require(payment.hops <= limits["offline"]["hops"], "too-many-hops")
    age = max(today - note["body"]["issued"] for note in payment.notes)
    require(age <= limits["offline"]["age_days"], "too-old")
    for note in payment.notes:
        series = trust.series.get(note["body"]["series"])
        require(series, "unknown-series")
        require(today <= series["body"]["spend_until"], "series-expired")
    for certificate in payment.certificates:
        trust.check(certificate, today)
        grant = certificate["body"]["grant"]
        policy = trust.policies.get((grant["operator"], grant["class"]))
        require(policy, "unknown-policy")
        require(amount <= policy["body"]["limits"]["per_payment"], "payment-limit")
    for note in payment.notes:
        series = trust.series[note["body"]["series"]]["body"]
        in_time = series["issue"]["from"] <= note["body"]["issued"] <= series["issue"]["until"]
        require(in_time and is_signed("signed-note", note, series["note_key"]), "note-forged")
    for name, owners, signed_transfer in zip(payment.ids, payment.owners, payment.transfers):
        for owner, signature in zip(owners, signed_transfer["signatures"]):
            require(verifies(owner, message("dcep/1/transfer", name), signature), "transfer-forged")
    seen = dict(consumed)
    for outpoint, name in payment.consumptions():
        require(seen.setdefault(outpoint, name) == name, "consumed-twice")
    return amount


def verify_receipt(receipt, payment):
    payee = payment.transfers[-1]["transfer"]["outputs"][0]["holder_key"]
    require(receipt["body"]["transfer"] == payment.id, "receipt-forged", "another transfer")
    require(is_signed("signed-receipt", receipt, payee), "receipt-forged")


# --- Section 8: trust ---


class Trust:
    def __init__(self, root):
        self.root = root
        self.operators, self.series, self.policies = {}, {}, {}
        self.authority, self.status = {}, {}

    def merge(self, bundle):
        """Takes a bundle over, or raises and changes nothing."""
        parts = ("operators", "series", "policies", "authority", "status")
        following = Trust(self.root)
        for part in parts:
            setattr(following, part, dict(getattr(self, part)))
        for operator in bundle["operators"]:
            following._take("operators", operator["body"]["operator"], "signed-operator", operator)
        for series in bundle["series"]:
            following._take("series", series["body"]["series"], "signed-series", series)
        for authority in bundle["authority"]:
            following._take("authority", None, "signed-authority", authority)
        for policy in bundle["policies"]:
            name = policy["body"]["operator"], policy["body"]["class"]
            following._take("policies", name, "signed-policy", policy)
        for status in bundle["status"]:
            following._take("status", None, "signed-status-list", status)
        for policy in following.policies.values():
            require(following._stands("signed-policy", policy), "trust-not-signed")
        for status in following.status.values():
            require(following._stands("signed-status-list", status), "trust-not-signed")
        for part in parts:
            setattr(self, part, getattr(following, part))

    def _stands(self, kind, part):
        if kind == "signed-policy":
            signer = self.operators.get(part["body"]["operator"])
            return signer and is_signed(kind, part, signer["body"]["certifying_key"])
        if kind == "signed-status-list":
            signer = self.authority.get(None)
            return signer and is_signed(kind, part, signer["body"]["key"])
        return is_signed(kind, part, self.root)

    def _take(self, shelf, name, kind, part):
        known = getattr(self, shelf).get(name)
        if known:
            # A series has no version: it never changes.
            old, new = known["body"].get("version", 0), part["body"].get("version", 0)
            if new < old or (known["body"] == part["body"] and self._stands(kind, known)):
                return
            require(self._stands(kind, part), "trust-not-signed")
            require(new > old or known["body"] == part["body"], "trust-contradiction")
        require(self._stands(kind, part), "trust-not-signed")
        getattr(self, shelf)[name] = part

    def check(self, certificate, today):
        body = certificate["body"]
        operator = self.operators.get(body["grant"]["operator"])
        require(operator, "unknown-operator")
        for validity in (body["grant"]["validity"], operator["body"]["validity"]):
            require(validity["from"] <= today <= validity["until"], "certificate-expired")
        status = self.status.get(None)
        revoked = status["body"]["keys"] if status else []
        require(key_hash(body["holder_key"]) not in revoked, "holder-revoked")
        certifying_key = operator["body"]["certifying_key"]
        require(is_signed("signed-certificate", certificate, certifying_key), "certificate-forged")


# --- Section 9: fraud proofs ---


def verify_fork_proof(proof):
    """The forked outpoint and the key that signed both transfers."""
    ((kind, origin),) = proof["origin"].items()
    name = note_id(origin) if kind == "note" else transfer_id(origin)
    outputs = [origin] if kind == "note" else origin["outputs"]
    require(proof["output"] < len(outputs), "fork-proof-invalid", "no such output")
    accused = outputs[proof["output"]]["holder_key"]
    outpoint = {"origin": name, "output": proof["output"]}
    first, second = proof["first"], proof["second"]
    require(first["transfer"] != second["transfer"], "fork-proof-invalid", "one transfer twice")
    for branch in (first, second):
        require(outpoint in branch["transfer"]["inputs"], "fork-proof-invalid", "another outpoint")
        text = message("dcep/1/transfer", transfer_id(branch["transfer"]))
        require(verifies(accused, text, branch["signature"]), "fork-proof-invalid", "not signed")
    return outpoint, accused


def verify_attribution(attribution, trust):
    """The keys that answer for a fork."""
    _, culprit = verify_fork_proof(attribution["proof"])
    ((kind, basis),) = attribution["basis"].items()
    if kind == "certified":
        check_certified(basis, culprit, trust)
        return [culprit]
    require_never_certified(culprit, basis["statements"], trust)
    accused = [_taker(taking, attribution["proof"], basis["statements"], trust) for taking in basis["takings"]]
    require(accused, "fork-proof-invalid", "nobody is accused")
    return list(dict.fromkeys(accused))


def _taker(taking, proof, statements, trust):
    path = taking["path"]
    branches = proof["first"]["transfer"], proof["second"]["transfer"]
    require(path and path[0] in branches, "fork-proof-invalid", "the path does not begin at the fork")
    for spent, spending in zip(path, path[1:]):
        name = transfer_id(spent)
        outputs = [i["output"] for i in spending["inputs"] if i["origin"] == name]
        owners = [spent["outputs"][o]["holder_key"] for o in outputs if o < len(spent["outputs"])]
        require(owners, "fork-proof-invalid", "the path has a gap")
        nobodies = [owner for owner in owners if never_certified(owner, statements, trust)]
        require(nobodies, "fork-proof-invalid", "somebody certified a key on the path")
    last, output = path[-1], taking["output"]
    require(output < len(last["outputs"]), "fork-proof-invalid", "no such output")
    taker, taken = last["outputs"][output]["holder_key"], {"origin": transfer_id(last), "output": output}
    check_certified(taking["certificate"], taker, trust)
    ((kind, act),) = taking["act"].items()
    if kind == "receipt":
        right = output == 0 and act["body"]["transfer"] == taken["origin"]
        right = right and is_signed("signed-receipt", act, taker)
    else:
        text = message("dcep/1/transfer", transfer_id(act["transfer"]))
        right = taken in act["transfer"]["inputs"] and verifies(taker, text, act["signature"])
    require(right, "fork-proof-invalid", "it did not sign for it")
    return taker


def check_certified(certificate, key, trust):
    """An operator certified this key, whenever that was."""
    require(certificate["body"]["holder_key"] == key, "fork-proof-invalid", "another key's certificate")
    operator = trust.operators.get(certificate["body"]["grant"]["operator"])
    require(operator, "fork-proof-invalid", "an unknown operator")
    signer = operator["body"]["certifying_key"]
    require(is_signed("signed-certificate", certificate, signer), "fork-proof-invalid", "a forged certificate")


def never_certified(key, statements, trust):
    """Every operator says so."""

    def says(number, operator):
        return any(
            statement["body"]["operator"] == number
            and statement["body"]["holder_key"] == key
            and is_signed("signed-never-certified", statement, operator["body"]["certifying_key"])
            for statement in statements
        )

    return bool(trust.operators) and all(says(*item) for item in trust.operators.items())


def require_never_certified(key, statements, trust):
    require(never_certified(key, statements, trust), "fork-proof-invalid", "an operator does not say so")


# --- Section 10: messages ---

OFFERED_REQUEST = Record(
    "terms",
    id=BYTES16,
    amount=OrNull(POSITIVE),
    payee=Record(holder_key=KEY, grant=GRANT, signature=SIGNATURE),
    terms=TERMS,
)


def read_payee_message(data, static_key_hash):
    kind, *content = decode_message(data, 5)
    if kind == 0:
        asked, status, *more = content if len(content) == 3 else exactly(content, 2)
        request = OrNull(OFFERED_REQUEST).read(asked)
        if request:
            payee = request["payee"]
            body = {"holder_key": payee["holder_key"], "static_key": static_key_hash, "grant": payee["grant"]}
            request = {**request, "payee": {"body": body, "signature": payee["signature"]}}
        at_most = AMOUNT.read(*more) if more else None
        return {"offer": {"request": request, "status": UINT64.read(status), "at_most": at_most}}
    (content,) = exactly(content, 1)
    if kind == 1:
        return {"receipt": SHORT_RECEIPT.read(content)}
    if kind == 2:
        return {"refusal": REFUSAL.read(content)}
    if kind == 3:
        return {"resumed": OrNull(RECOGNISED).read(content)}
    return {"news": NEWS.read(content)}


def read_payer_message(data):
    require(data, "malformed", "no kind")
    if data[0] == 0:
        # The answer can only be read by whoever knows the request.
        return {"payment": data[1:]}
    kind, *content = decode_message(data, 8)
    if kind == 3:
        exactly(content, 0)
        return {"done": None}
    (content,) = exactly(content, 1)
    if kind == 1:
        return {"resume": List(Bytes(8), 4).read(content)}
    if kind == 2:
        return {"refusal": REFUSAL.read(content)}
    if kind == 4:
        return {"receipt": SHORT_RECEIPT.read(content)}
    if kind == 5:
        return {"return": SHORT_RECEIPT.read(content)}
    if kind == 7:
        return {"refund": REFUND.read(content)}
    return {"news": NEWS.read(content)}


NEWS = OrNull(signed(STATUS_LIST))


def decode_message(data, kinds):
    """Kind and content of a message, which is a sequence."""
    items = decode_sequence(data)
    require(items and is_number(items[0]), "malformed", "no kind")
    require(items[0] < kinds, "malformed", "unknown kind")
    return items


def exactly(content, count):
    require(len(content) >= count, "malformed", "content is missing")
    require(len(content) == count, "not-canonical", "something follows")
    return content


def return_of(paid, amount, payer):
    """Section 10: the transfer that gives back what the transfer with the id `paid` brought its payee."""
    return {
        "inputs": [{"origin": paid, "output": 0}],
        "outputs": [{"holder_key": payer, "amount": amount}],
        "reference": reference_to_return(paid),
    }
