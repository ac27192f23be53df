"""Checks CBOR values against CDDL (RFC 8610): as much of it as docs/wire-format.md uses.

The parser is a published one. The matcher knows arrays, groups, choices, occurrences, generics, ranges, `.size`, and
the types uint, bytes, text, bool and null; anything else is an error of the document.
"""

from cddlparser import ast, parse

UNBOUNDED = float("inf")


class Schema:
    """The rules of a CDDL document."""

    def __init__(self, text):
        self.rules = {rule.name.name: rule for rule in parse(text).rules}

    def matches(self, rule, value):
        """Whether a value (int, bytes, str, list or None) is what a rule says."""
        return self._name(rule, [], value, {})

    def _type(self, node, value, bound):
        if isinstance(node, ast.Type):
            return any(self._type(choice, value, bound) for choice in node.types)
        if isinstance(node, ast.Typename):
            arguments = node.parameters.parameters if node.parameters else []
            return self._name(node.name, arguments, value, bound)
        if isinstance(node, ast.Value):
            return _is_int(value) and value == _number(node)
        if isinstance(node, ast.Range):
            return _is_int(value) and _number(node.min) <= value <= _number(node.max)
        if isinstance(node, ast.Operator) and node.name.literal == "size":
            return self._type(node.type, value, bound) and _sized(node.controller, value)
        if isinstance(node, ast.Array):
            return isinstance(value, list) and any(
                end == len(value) for end in self._group(node, value, 0, bound)
            )
        raise NotImplementedError(f"CDDL: {type(node).__name__}")

    def _name(self, name, arguments, value, bound):
        if name in bound:
            node, outer = bound[name]
            return self._type(node, value, outer)
        if name == "uint":
            return _is_int(value) and value >= 0
        if name == "bytes":
            return isinstance(value, bytes)
        if name == "text":
            return isinstance(value, str)
        if name == "bool":
            return isinstance(value, bool)
        if name == "null":
            return value is None
        rule = self.rules[name]
        parameters = rule.name.parameters.parameters if rule.name.parameters else []
        assert len(parameters) == len(arguments), f"{name} takes {len(parameters)} arguments"
        inner = {parameter.name: (node, bound) for parameter, node in zip(parameters, arguments)}
        return self._type(rule.type, value, inner)

    def _group(self, group, values, at, bound):
        """Every place at which the group can end that begins at `at`."""
        for choice in group.groupChoices:
            yield from self._entries(choice.groupEntries, values, at, bound)

    def _entries(self, entries, values, at, bound):
        if not entries:
            yield at
            return
        for end in self._repeated(entries[0], values, at, 0, bound):
            yield from self._entries(entries[1:], values, end, bound)

    def _repeated(self, entry, values, at, count, bound):
        least, most = (entry.occurrence.n, entry.occurrence.m) if entry.occurrence else (1, 1)
        if count < most:
            for end in self._once(entry, values, at, bound):
                yield from self._repeated(entry, values, end, count + 1, bound)
        if count >= least:
            yield at

    def _once(self, entry, values, at, bound):
        node = entry.type
        while isinstance(node, ast.Type) and len(node.types) == 1:
            node = node.types[0]
        if isinstance(node, ast.Group) and not isinstance(node, ast.Array):
            yield from self._group(node, values, at, bound)
        elif at < len(values) and self._type(node, values[at], bound):
            yield at + 1


def _is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def _number(node):
    assert isinstance(node, ast.Value) and node.type == "number"
    return int(node.value)


def _sized(controller, value):
    while isinstance(controller, ast.Type):
        (controller,) = controller.types
    if isinstance(value, int):
        return value < 256 ** _number(controller)
    size = len(value.encode()) if isinstance(value, str) else len(value)
    if isinstance(controller, ast.Range):
        return _number(controller.min) <= size <= _number(controller.max)
    return size == _number(controller)
