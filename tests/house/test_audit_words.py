"""Every action and kind of object that the code writes into the audit log has its Chinese word."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.servers import ROOT
from wxbackend.gateways.wording import WordingCatalogue
from wxbackend.wiring import WORDING_FOLDER

WORDING = WordingCatalogue(WORDING_FOLDER)
ACTION = 2  # record(session, actor, action, …)


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / "wxbackend" / "services").rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def calls(tree: ast.AST, name: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name
    ]


def argument(call: ast.Call, index: int, name: str) -> ast.expr | None:
    named = [keyword.value for keyword in call.keywords if keyword.arg == name]
    if named:
        return named[0]
    return call.args[index] if index < len(call.args) else None


class Texts:
    """The texts that an expression may stand for, through choices, names and passing functions."""

    def __init__(self, tree: ast.Module, callers: Sequence[ast.Module]) -> None:
        self.tree = tree
        self.callers = callers
        self.unknown: list[str] = []

    def of(self, node: ast.expr | None, inside: ast.FunctionDef) -> set[str]:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return {node.value}
        if isinstance(node, ast.IfExp):
            return self.of(node.body, inside) | self.of(node.orelse, inside)
        if isinstance(node, ast.Name):
            return self._of_name(node.id, inside)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            return self._of_table(node.value.id)
        self.unknown.append(ast.unparse(node) if node else "nothing")
        return set()

    def _of_name(self, name: str, inside: ast.FunctionDef) -> set[str]:
        parameters = [one.arg for one in (*inside.args.args, *inside.args.kwonlyargs)]
        if name in parameters:
            found: set[str] = set()
            # A function named with an underscore is called in its own module alone.
            for tree in [self.tree] if inside.name.startswith("_") else self.callers:
                for caller in functions(tree):
                    for call in calls(caller, inside.name):
                        found |= self.of(argument(call, parameters.index(name), name), caller)
            return found
        assigned = [
            node.value
            for node in ast.walk(inside)
            if isinstance(node, ast.Assign)
            and name in {target.id for target in node.targets if isinstance(target, ast.Name)}
        ]
        if not assigned:
            self.unknown.append(name)
        return {text for value in assigned for text in self.of(value, inside)}

    def _of_table(self, name: str) -> set[str]:
        for node in self.tree.body:
            value = getattr(node, "value", None)
            targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
            names = {getattr(target, "id", "") for target in targets}
            if name in names and isinstance(value, ast.Dict):
                return {str(one.value) for one in value.values if isinstance(one, ast.Constant)}
        self.unknown.append(name)
        return set()


def written_actions() -> tuple[set[str], list[str]]:
    """Every action in the code, and the places where it cannot be told which."""
    found: set[str] = set()
    unknown: list[str] = []
    trees = [tree for _, tree in modules()]
    for path, tree in modules():
        texts = Texts(tree, trees)
        for function in functions(tree):
            if path.name == "audit.py" and function.name == "record":
                continue
            for call in calls(function, "record"):
                found |= texts.of(argument(call, ACTION, "action"), function)
        unknown += [f"{path.name}: {one}" for one in texts.unknown]
    return found, unknown


def written_kinds() -> set[str]:
    """The kinds of object that stand as texts beside their ids."""
    found: set[str] = set()
    for _, tree in modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.keyword | ast.Assign):
                continue
            targets = (
                [node.arg] if isinstance(node, ast.keyword) else map(ast.unparse, node.targets)
            )
            value = node.value if any("about" in (target or "") for target in targets) else None
            if isinstance(value, ast.Tuple) and isinstance(value.elts[0], ast.Constant):
                found.add(str(value.elts[0].value))
    return found


def test_every_action_has_its_word():
    actions, unknown = written_actions()
    assert unknown == []
    assert len(actions) > 40
    assert sorted(one for one in actions if f"audit_action.{one}" not in WORDING) == []


def test_every_kind_of_object_has_its_word():
    kinds = written_kinds()
    assert len(kinds) > 10
    assert sorted(one for one in kinds if f"audit_object.{one}" not in WORDING) == []


def test_a_new_action_without_a_word_is_found():
    tree = ast.parse(
        "def one(session):\n    two(session, 'brand_new')\n\n"
        "def two(session, action):\n    record(session, None, action, about=('x', 1))\n"
    )
    texts = Texts(tree, [tree])
    inside = functions(tree)[1]
    assert texts.of(calls(tree, "record")[0].args[ACTION], inside) == {"brand_new"}
