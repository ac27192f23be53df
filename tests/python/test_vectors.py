"""The vectors of tests/vectors, read by the independent reader and held against the CDDL of docs/wire-format.md."""

import json
import re
from pathlib import Path

import cbor2
import pytest

import reader
from cddl import Schema
from reader import Payment, Refused, Trust

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests" / "vectors"
DOCUMENT = (ROOT / "docs" / "wire-format.md").read_text(encoding="utf-8")
TABLE = dict(re.findall(r"^\| (\d+) \| `([a-z0-9-]+)` \|", (ROOT / "docs" / "errors.md").read_text("utf-8"), re.M))
reader.Code.known = frozenset(map(int, TABLE))

SCHEMA = Schema("\n".join(re.findall(r"```cddl\n(.*?)```", DOCUMENT, re.S)))

# What is not canonical to one reader may be malformed to another: section 2 of the document.
UNREADABLE = {"malformed", "not-canonical"}


def load(name):
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


OBJECTS, PAYMENTS, REFUSALS = load("objects.json"), load("payment.json"), load("refusals.json")


def by_name(vectors):
    return pytest.mark.parametrize("vector", vectors, ids=[vector["name"] for vector in vectors])


def known(vector):
    """What a reader must know besides the bytes."""
    request = vector.get("request")
    hashed = vector.get("static_key_hash") or vector.get("static_key")
    return {
        "request": reader.read("request", bytes.fromhex(request)) if request else None,
        "static_key_hash": bytes.fromhex(hashed) if hashed else None,
    }


def as_json(value, name=None):
    """What was read, in the form the vectors show it."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [as_json(element) for element in value]
    if isinstance(value, dict):
        return {name: as_json(element, name) for name, element in value.items()}
    return str(value) if name == "serial" else value


def as_array(kind, data):
    """The value that the CDDL speaks of: messages are sequences, written there as arrays."""
    items = reader.decode_sequence(data)
    return items if kind.endswith("message") else items[0]


def trust_of(root, bundle):
    trust = Trust(bytes.fromhex(root))
    trust.merge(reader.read("trust-bundle", bytes.fromhex(bundle)))
    return trust



@by_name(OBJECTS["objects"])
def test_object(vector):
    kind, data = vector["type"], bytes.fromhex(vector["hex"])
    value = reader.read(kind, data, **known(vector))
    assert as_json(value) == vector["fields"]
    if kind in reader.PLAIN:
        assert reader.write(kind, value) == data
    # Another CBOR library understands the same, and writes the same.
    items = reader.decode_sequence(data)
    assert b"".join(cbor2.dumps(item, canonical=True) for item in items) == data
    assert SCHEMA.matches(kind, as_array(kind, data))

    if "message" in vector:
        if kind in reader.SIGNED:
            shape, tag = reader.SIGNED[kind]
            name, signatures = reader.object_id(shape, tag, value["body"]), [value["signature"]]
        else:
            tag = "dcep/1/transfer"
            name = reader.transfer_id(value["transfer"] if kind == "signed-transfer" else value)
            signatures = value.get("signatures", [])
        assert name.hex() == vector["id"]
        assert reader.message(tag, name).hex() == vector["message"]
        for signature in signatures:
            assert reader.verifies(bytes.fromhex(vector["signer"]), reader.message(tag, name), signature)


@by_name(OBJECTS["hashes"])
def test_hash(vector):
    functions = {
        "reference-to-request": reader.reference_to_request,
        "reference-to-return": reader.reference_to_return,
        "reference-to-deposit": reader.reference_to_deposit,
        "reference-to-refresh": reader.reference_to_refresh,
        "static-key": reader.hash_of_static_key,
        "key": reader.key_hash,
        "resume-question": reader.resume_question,
        "resume-answer": reader.resume_answer,
    }
    inputs = {name: bytes.fromhex(value) for name, value in vector["inputs"].items()}
    assert functions[vector["name"]](*inputs.values()).hex() == vector["result"]


@by_name(PAYMENTS["payments"])
def test_payment(vector):
    world = PAYMENTS["world"]
    request_bytes = bytes.fromhex(vector["request"])
    request = reader.read("request", request_bytes)
    complete, answer = bytes.fromhex(vector["payment"]), bytes.fromhex(vector["answer"])
    payment = Payment.read(complete)
    assert as_json(payment.fields()) == vector["fields"]
    assert Payment.read(answer, request).fields() == payment.fields()
    assert payment.write() == complete
    assert payment.write(request) == answer
    assert SCHEMA.matches("payment", reader.decode(complete))
    assert SCHEMA.matches("answer", reader.decode(answer))
    assert payment.id.hex() == vector["id"]
    assert payment.hops == vector["hops"]

    trust = trust_of(world["root"], world["trust_bundle"])
    trust.check(request["payee"], world["now"] // 86_400)
    amount = reader.verify(payment, request, trust, world["now"], world["payee_limits"], {})
    assert amount == vector["amount"]
    # The same history may arrive twice.
    seen = dict(payment.consumptions())
    assert reader.verify(payment, request, trust, world["now"], world["payee_limits"], seen) == amount

    proven = reader.hash_of_static_key(bytes.fromhex(vector["static_key"]))
    offer = reader.read_payee_message(bytes.fromhex(vector["request_in_channel"]), proven)
    assert offer == {"offer": {"request": request, "status": 3, "at_most": None}}

    receipt = reader.read("signed-receipt", bytes.fromhex(vector["receipt"]))
    reader.verify_receipt(receipt, payment)
    short = reader.read_payee_message(bytes.fromhex(vector["receipt_in_channel"]), proven)["receipt"]
    body = {"transfer": payment.id, "taken_at": short["taken_at"]}
    assert {"body": body, "signature": short["signature"]} == receipt
    body["taken_at"] += 1
    with pytest.raises(Refused, match="receipt-forged"):
        reader.verify_receipt({"body": body, "signature": short["signature"]}, payment)


def test_a_return_follows_from_what_it_returns():
    vectors = {vector["name"]: vector for vector in OBJECTS["objects"]}
    for algorithm in ("ed25519", "p256"):

        def said(name):
            vector = vectors[f"{name}-{algorithm}"]
            return reader.read(vector["type"], bytes.fromhex(vector["hex"]), **known(vector))

        # Of the transfer `transfer`, in full.
        paid, name = said("transfer"), bytes.fromhex(vectors[f"transfer-{algorithm}"]["id"])
        payer, amount = paid["outputs"][1]["holder_key"], paid["outputs"][0]["amount"]
        assert reader.return_of(name, amount, payer) == said("transfer-returning")

        # Of the payment that answers the offer, by its signature alone.
        request = said("offer")["offer"]["request"]
        payment = Payment.read(said("payment-message")["payment"], request)
        output = payment.transfers[-1]["transfer"]["outputs"][0]
        returning = reader.return_of(payment.id, output["amount"], payment.owners[-1][0])
        text = reader.message("dcep/1/transfer", reader.transfer_id(returning))
        for message in (said("short-receipt-returned")["receipt"], said("return")["return"]):
            assert reader.verifies(output["holder_key"], text, message["returned"])


@by_name(PAYMENTS["forks"])
def test_fork(vector):
    data = bytes.fromhex(vector["proof"])
    proof = reader.read("fork-proof", data)
    assert SCHEMA.matches("fork-proof", reader.decode(data))
    outpoint, culprit = reader.verify_fork_proof(proof)
    assert as_json(outpoint) == vector["outpoint"]
    assert culprit.hex() == vector["culprit"]
    for name, branch in (("first_payment", "first"), ("second_payment", "second")):
        transfers = Payment.read(bytes.fromhex(vector[name])).transfers
        assert proof[branch]["transfer"] in [signed["transfer"] for signed in transfers]


@pytest.mark.parametrize("algorithm", ["ed25519", "p256"])
def test_attributions(algorithm):
    vectors = {vector["name"]: vector for vector in OBJECTS["objects"]}

    def shown(name):
        vector = vectors[f"{name}-{algorithm}"]
        return reader.read(vector["type"], bytes.fromhex(vector["hex"]), **known(vector))

    trust = Trust(bytes.fromhex(vectors[f"operator-{algorithm}"]["signer"]))
    trust.merge(shown("trust-bundle"))
    certified, taken = shown("attribution-certified"), shown("attribution-taken")
    _, culprit = reader.verify_fork_proof(certified["proof"])
    assert reader.verify_attribution(certified, trust) == [culprit]
    takings = taken["basis"]["taken"]["takings"]
    takers = [taking["certificate"]["body"]["holder_key"] for taking in takings]
    assert reader.verify_attribution(taken, trust) == takers
    assert len(takers) == 2 and culprit not in takers

    def refused(statements, takings):
        basis = {"taken": {"statements": statements, "takings": takings}}
        with pytest.raises(Refused, match="fork-proof-invalid"):
            reader.verify_attribution({"proof": taken["proof"], "basis": basis}, trust)

    statements = taken["basis"]["taken"]["statements"]
    refused(statements, [])
    refused([], takings)
    for one, other in ((0, 1), (1, 0)):
        for part in ("path", "certificate", "act"):
            refused(statements, [takings[one] | {part: takings[other][part]}])
        refused(statements, [takings[one] | {"output": 1}])
        refused(statements, [takings[one] | {"path": []}])
    with pytest.raises(Refused, match="fork-proof-invalid"):
        innocent = {"certified": takings[0]["certificate"]}
        reader.verify_attribution({"proof": taken["proof"], "basis": innocent}, trust)


def judge(vector):
    """Reads a vector as far as it gets; whoever returns has accepted it."""
    kind, data, world = vector["type"], bytes.fromhex(vector["hex"]), REFUSALS["world"] | vector
    told = known(vector)
    if vector["stage"] == "verify":
        payment = Payment.read(data)
        consumed = {
            (bytes.fromhex(seen["outpoint"]["origin"]), seen["outpoint"]["output"]): bytes.fromhex(seen["transfer"])
            for seen in vector.get("consumed", [])
        }
        trust = trust_of(world["root"], world["trust_bundle"])
        return reader.verify(payment, told["request"], trust, world["now"], world["payee_limits"], consumed)
    value = reader.read(kind, data, **told)
    if vector["stage"] == "trust":
        trust = trust_of(world["root"], vector["known"])
        return trust.merge(value)
    if vector["stage"] == "fork-proof":
        return reader.verify_fork_proof(value)
    return value


@by_name(REFUSALS["refusals"])
def test_refusal(vector):
    with pytest.raises(Refused) as refused:
        judge(vector)
    expected = UNREADABLE if vector["error"] in UNREADABLE else {vector["error"]}
    assert refused.value.code in expected
    assert vector["error"] in TABLE.values()
    if vector["stage"] != "decode":
        # Such bytes can be read; what they say is refused.
        data = bytes.fromhex(vector["hex"])
        assert SCHEMA.matches(vector["type"], reader.decode(data))


def test_the_cddl_refuses_other_shapes():
    """The matcher can fail: take one element off, or add one, anywhere."""
    tried = 0
    for vector in OBJECTS["objects"]:
        kind = vector["type"]
        value = as_array(kind, bytes.fromhex(vector["hex"]))
        assert not SCHEMA.matches(kind, [*value, None, None])
        assert not SCHEMA.matches(kind, value[:-2] if len(value) > 1 else None)
        tried += 1
    assert tried == len(OBJECTS["objects"])


def test_every_bit_flip_of_a_payment_is_refused():
    world, vector = PAYMENTS["world"], PAYMENTS["payments"][0]
    request = reader.read("request", bytes.fromhex(vector["request"]))
    trust = trust_of(world["root"], world["trust_bundle"])
    for form, asked in (("payment", None), ("answer", request)):
        data = bytes.fromhex(vector[form])
        for bit in range(len(data) * 8):
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            with pytest.raises(Refused):
                payment = Payment.read(bytes(flipped), asked)
                reader.verify(payment, request, trust, world["now"], world["payee_limits"], {})


def test_the_worked_example_is_the_vector():
    vector = PAYMENTS["payments"][0]
    dumps = re.findall(r"\((\d+) bytes\):\n\n```text\n(.*?)```", DOCUMENT, re.S)
    shown = [bytes.fromhex("".join(line.split("#")[0].strip() for line in dump.splitlines())) for _, dump in dumps]
    assert [int(size) for size, _ in dumps] == [len(data) for data in shown]
    request, answer, payment, transfer = shown
    assert (request.hex(), answer.hex(), payment.hex()) == (vector["request"], vector["answer"], vector["payment"])
    assert reader.transfer_id(reader.read("transfer", transfer)).hex() == vector["id"]
    assert vector["id"] in DOCUMENT
