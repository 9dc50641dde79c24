"""Small edits of a function's source, by kind: what it does to the tree, and what to say of it.

A kind is a function of a Site (a node of the tree, and where it hangs) and of the Scope (the
names of the function). It yields changes: lists of (node, field, new value). The kinds stand in
the order in which learners need them. search.py tries them.
"""

import ast
import copy
import difflib
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass
class Site:
    """A node, and the place in its parent where it hangs; `statement` is the one it is part of."""

    node: ast.AST
    parent: ast.AST
    field: str
    index: int | None
    statement: ast.stmt
    loops: tuple  # names of the loop variables around it

    def replaced(self, new):
        """The changes that put a new node in this place."""
        ast.copy_location(new, self.node)
        ast.fix_missing_locations(new)
        if self.index is None:
            return [(self.parent, self.field, new)]
        siblings = list(getattr(self.parent, self.field))
        siblings[self.index] = new
        return [(self.parent, self.field, siblings)]

    @property
    def siblings(self):
        return getattr(self.parent, self.field)

    @property
    def now(self):
        """The node that hangs in this place while an edit is applied."""
        if self.index is None:
            return self.siblings
        return self.siblings[self.index] if self.index < len(self.siblings) else self.node

    @property
    def is_value(self):
        """Whether it is an expression that has a value of its own here."""
        node, parent = self.node, self.parent
        if not isinstance(node, ast.expr) or isinstance(node, (ast.Slice, ast.Starred)):
            return False
        if isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)):
            return False
        if isinstance(parent, ast.Call) and self.field == "func":
            return False
        if isinstance(node, ast.Name) and isinstance(parent, ast.Attribute):
            return node.id not in {"np", "self", "cu", "math"}
        return self.field not in {"annotation", "returns", "decorator_list", "keys"}


@dataclass
class Scope:
    """The names of a function: its arguments, what it assigns, the strings that it uses as keys."""

    arguments: list
    names: list
    keys: list
    known: Callable  # name → whether it means something
    is_method: bool
    sites: list  # every Site of the tree

    def again(self, node):
        """The Sites of all nodes like this one, where it is the first of several; else none."""
        source = ast.dump(node)
        alike = [
            site
            for site in self.sites
            if type(site.node) is type(node) and ast.dump(site.node) == source
        ]
        return alike if len(alike) > 1 and alike[0].node is node else []


@dataclass
class Kind:
    """A kind of edit: how it changes a tree, and what is said of it.

    look : where to look in the student's code; {old} is the piece of source that is edited
    alike : what to say where this edit of the reference gives what the student's code gave;
        {old} and {new} are the reference's piece without and with it. "" where that says nothing.
    """

    name: str
    look: str
    alike: str
    changes: Callable


KINDS = []
SAME = "It gives what `{new}` would give: {look}."


def kind(name, look, alike=SAME):
    """Register a function of (site, scope) as a kind of edit."""

    def register(changes):
        KINDS.append(Kind(name, look, alike, changes))
        return changes

    return register


def sites(tree):
    """Every place of a function where an edit may sit, in the order of the source."""

    def walk(parent, statement, loops):
        for field, value in ast.iter_fields(parent):
            listed = value if isinstance(value, list) else [value]
            for i, node in enumerate(listed):
                if not isinstance(node, ast.AST):
                    continue
                own = node if isinstance(node, ast.stmt) else statement
                index = i if isinstance(value, list) else None
                yield Site(node, parent, field, index, own, loops)
                inner = loops
                if isinstance(node, ast.For):
                    inner = loops + tuple(
                        n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)
                    )
                yield from walk(node, own, inner)

    yield from walk(ast.Module([tree], []), tree, ())


def scope_of(tree, known, keys=()):
    """The Scope of a function or class definition; `keys` are strings besides its own."""
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    arguments = [a.arg for f in functions for a in f.args.args if a.arg != "self"]
    stored = [
        n.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store) and n.id != "_"
    ]
    own = [
        f"self.{n.attr}"
        for n in ast.walk(tree)
        if isinstance(n, ast.Attribute)
        and isinstance(n.value, ast.Name)
        and n.value.id == "self"
        and isinstance(n.ctx, ast.Store)
    ]
    own_keys = [
        n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    ]
    return Scope(
        list(dict.fromkeys(arguments)),
        list(dict.fromkeys(arguments + stored + own)),
        [key for key in dict.fromkeys([*own_keys, *keys]) if len(key) < 30],
        known,
        isinstance(tree, ast.ClassDef),
        list(sites(tree)),
    )


def replaced_each_time(places, source):
    """The changes that put an expression in several places at once."""
    lists, changes = {}, []
    for place in places:
        new = _put(expression(source), place.node)
        if place.index is None:
            changes.append((place.parent, place.field, new))
        else:
            whole = (place.parent, place.field)
            lists.setdefault(whole, list(place.siblings))[place.index] = new
    return changes + [(parent, field, parts) for (parent, field), parts in lists.items()]


def expression(source):
    return ast.parse(source, mode="eval").body


def _around(node, template):
    """The template with the node itself in the place of the name HERE."""

    class Put(ast.NodeTransformer):
        def visit_Name(self, name):
            return copy.deepcopy(node) if name.id == "HERE" else name

    return Put().visit(expression(template))


def _called(node):
    """The last name of what a call calls: sum of np.sum(x) and of x.sum(); else ""."""
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _is_method_call(node):
    """x.sum(), and neither np.sum(x) nor np.linalg.norm(x)."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    of = node.func.value
    while isinstance(of, ast.Attribute):
        of = of.value
    return getattr(of, "id", "") not in {"np", "cu", "math"}


# Names and spelling


@kind("spelling", "look at how `{old}` is spelled", "")
def spelling(site, scope):
    node = site.node
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        if not scope.known(node.id) and node.id not in scope.names:
            for name in difflib.get_close_matches(node.id, scope.names, 2, 0.5):
                yield site.replaced(expression(name))
            if hasattr(np, node.id):
                yield site.replaced(expression(f"np.{node.id}"))
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        if node.value.id == "np" and not hasattr(np, node.attr):
            for name in difflib.get_close_matches(node.attr, dir(np), 3, 0.6):
                yield [(node, "attr", name)]
            if node.attr == "len":
                yield site.replaced(expression("len"))
        elif node.value.id != "self" and not hasattr(np.ndarray, node.attr):
            for name in difflib.get_close_matches(node.attr, dir(np.ndarray), 3, 0.6):
                yield [(node, "attr", name)]
    if _is_method_call(node) and not hasattr(np.ndarray, node.func.attr):
        if hasattr(np, node.func.attr):  # x.exp() for np.exp(x)
            call = copy.deepcopy(node)
            call.args.insert(0, call.func.value)
            call.func.value = expression("np")
            yield site.replaced(call)


@kind("self", "look at `{old}`: what one method leaves for another must be kept in self", "")
def kept_in_self(site, scope):
    node = site.node
    if scope.is_method and isinstance(node, ast.Name) and node.id not in scope.arguments:
        own = {name for name in scope.names if name.startswith("self.")}
        if isinstance(node.ctx, ast.Load) and f"self.{node.id}" in own:
            yield site.replaced(expression(f"self.{node.id}"))
        if isinstance(node.ctx, ast.Store):
            new = expression(f"self.{node.id}")
            new.ctx = ast.Store()
            yield site.replaced(new)


# Signs, operators, brackets


@kind("sign", "look at the sign of `{old}`")
def sign(site, scope):
    node = site.node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield site.replaced(copy.deepcopy(node.operand))
    elif (
        site.is_value
        and isinstance(node, (ast.Name, ast.Call, ast.BinOp, ast.Subscript, ast.Attribute))
        and not isinstance(site.parent, ast.UnaryOp)
    ):
        yield site.replaced(ast.UnaryOp(ast.USub(), copy.deepcopy(node)))
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        yield [(node, "op", ast.Sub() if isinstance(node.op, ast.Add) else ast.Add())]
        if isinstance(node.op, ast.Sub):
            yield [(node, "left", node.right), (node, "right", node.left)]
    if isinstance(node, ast.AugAssign) and isinstance(node.op, (ast.Add, ast.Sub)):
        yield [(node, "op", ast.Sub() if isinstance(node.op, ast.Add) else ast.Add())]


@kind(
    "term too many",
    "look at whether every part of `{old}` belongs there",
    "It gives what `{new}` gives: is something missing there?",
)
def term_too_many(site, scope):
    node = site.node
    if isinstance(node, ast.BinOp):
        yield site.replaced(copy.deepcopy(node.left))
        yield site.replaced(copy.deepcopy(node.right))
    if isinstance(node, ast.IfExp):
        yield site.replaced(copy.deepcopy(node.body))
        yield site.replaced(copy.deepcopy(node.orelse))
    if isinstance(node, ast.BoolOp):
        yield [(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.Invert)):
        yield site.replaced(copy.deepcopy(node.operand))


OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Pow, ast.MatMult)


@kind("operator", "look at the operator in `{old}`: is it the one that is meant?")
def operator(site, scope):
    if isinstance(site.node, (ast.BinOp, ast.AugAssign)):
        for new in OPERATORS:
            if not isinstance(site.node.op, new):
                yield [(site.node, "op", new())]


@kind("brackets", "look at the brackets in `{old}`: what is worked out first?")
def brackets(site, scope):
    node = site.node
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.BinOp):  # -a ** 2
        inner = node.operand
        yield site.replaced(ast.BinOp(ast.UnaryOp(node.op, inner.left), inner.op, inner.right))
    if not isinstance(node, ast.BinOp):
        return
    if isinstance(node.left, ast.BinOp):  # (a + b) / c to a + (b / c)
        a, b, c, first, second = (
            node.left.left, node.left.right, node.right, node.left.op, node.op,
        )  # fmt: skip
        yield site.replaced(ast.BinOp(a, first, ast.BinOp(b, second, c)))
        if isinstance(node.left.left, ast.BinOp):
            x, y = node.left.left.left, node.left.left.right
            inner = ast.BinOp(ast.BinOp(y, first, b), second, c)
            yield site.replaced(ast.BinOp(x, node.left.left.op, inner))
    if isinstance(node.right, ast.BinOp):  # a + b / c to (a + b) / c
        a, b, c, first, second = (
            node.left, node.right.left, node.right.right, node.op, node.right.op,
        )  # fmt: skip
        yield site.replaced(ast.BinOp(ast.BinOp(a, first, b), second, c))
    if isinstance(node.left, ast.UnaryOp):  # (-a) ** 2
        inner = ast.BinOp(node.left.operand, node.op, node.right)
        yield site.replaced(ast.UnaryOp(node.left.op, inner))


@kind("order of operands", "look at the order of the two sides of `{old}`")
def operands(site, scope):
    node = site.node
    if isinstance(node, ast.BinOp) and not isinstance(node.op, (ast.Add, ast.Mult)):
        yield [(node, "left", node.right), (node, "right", node.left)]


COMPARISONS = (ast.Gt, ast.GtE, ast.Lt, ast.LtE, ast.Eq, ast.NotEq)


@kind("comparison", "look at the comparison `{old}`: which way, and what if the two are equal?")
def comparison(site, scope):
    node = site.node
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for new in COMPARISONS:
            if not isinstance(node.ops[0], new):
                yield [(node, "ops", [new()])]


# Axes, functions, shapes

REDUCTIONS = {
    "sum", "mean", "max", "min", "argmax", "argmin", "prod", "any", "all", "norm", "std", "var",
    "amax", "amin", "concatenate", "stack", "cumsum",
}  # fmt: skip
FLAT = {"axis", "keepdims"}


@kind("axis", "look at which axis `{old}` goes along, and whether it keeps it (keepdims)")
def axis(site, scope):
    node = site.node
    if _called(node) not in REDUCTIONS:
        return
    now = {k.arg: ast.unparse(k.value) for k in node.keywords if k.arg in FLAT}
    others = [k for k in node.keywords if k.arg not in FLAT]
    positional = 0 if _is_method_call(node) else 1
    if len(node.args) > positional:  # np.sum(x, 0)
        now.setdefault("axis", ast.unparse(node.args[positional]))
    keeps = [now.get("keepdims", "False"), "False" if "keepdims" in now else "True"]
    for keep in keeps:
        for along in dict.fromkeys([now.get("axis", "None"), "0", "1", "-1", "None", "(1, 2)"]):
            new = {"axis": along, "keepdims": keep}
            if new == {"axis": "None", "keepdims": "False"} | now:
                continue
            keywords = [
                ast.keyword(name, expression(value))
                for name, value in new.items()
                if value not in {"None", "False"}
            ]
            call = ast.Call(node.func, node.args[: max(positional, 0)], others + keywords)
            yield site.replaced(call)


FAMILIES = [
    ("sum", "mean", "max", "min", "prod"),
    ("log", "log2", "log10", "log1p"),
    ("exp", "exp2", "expm1"),
    ("maximum", "minimum"),
    ("max", "maximum"),
    ("min", "minimum"),
    ("argmax", "argmin", "max"),
    ("zeros", "ones", "empty"),
    ("zeros_like", "ones_like", "empty_like"),
    ("abs", "square", "sqrt"),
    ("sin", "cos", "tan", "tanh", "sinh", "cosh"),
    ("any", "all"),
    ("floor", "ceil", "round"),
    ("append", "extend"),
    ("dot", "outer", "multiply", "matmul"),
    ("normal", "uniform", "random", "standard_normal"),
    ("std", "var"),
    ("permutation", "shuffle"),
    ("hstack", "vstack", "concatenate", "stack"),
]


@kind("function", "look at `{old}`: is that the function that is meant?")
def function(site, scope):
    node = site.node
    name = _called(node)
    for family in FAMILIES:
        if name in family:
            for other in family:
                if other != name and isinstance(node.func, ast.Attribute):
                    yield [(node.func, "attr", other)]
                elif other != name and hasattr(np, other):
                    yield [(node, "func", ast.copy_location(
                        ast.fix_missing_locations(expression(f"np.{other}")), node))]  # fmt: skip


@kind(
    "function, each time",
    "look at `{old}`, and wherever it stands again: is that the function that is meant?",
)
def function_each_time(site, scope):
    node = site.node
    if not (isinstance(node, ast.Attribute) and isinstance(site.parent, ast.Call)):
        return
    calls = [
        call.func
        for call in (place.node for place in scope.sites)
        if _called(call) == node.attr and isinstance(call.func, ast.Attribute)
    ]
    if len(calls) > 1 and calls[0] is node:
        for family in FAMILIES:
            if node.attr in family:
                for other in family:
                    if other != node.attr:
                        yield [(func, "attr", other) for func in calls]


@kind("transposed", "look at `{old}`: must it be transposed there, or must it not?")
def transposed(site, scope):
    node = site.node
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield site.replaced(copy.deepcopy(node.value))
    elif site.is_value and isinstance(node, (ast.Name, ast.Subscript, ast.Attribute, ast.BinOp)):
        if not isinstance(site.parent, ast.Attribute):  # neither x.T.T nor x.T.shape
            yield site.replaced(ast.Attribute(copy.deepcopy(node), "T", ast.Load()))


@kind(
    "transposed product", "look at the product `{old}`: which comes first, and which is transposed?"
)
def transposed_product(site, scope):
    node = site.node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        for first, second in ((node.left, node.right), (node.right, node.left)):
            for a in _transposes(first):
                for b in _transposes(second):
                    yield [(node, "left", _put(a, node)), (node, "right", _put(b, node))]


def _transposes(node):
    plain = node.value if isinstance(node, ast.Attribute) and node.attr == "T" else node
    return [plain, ast.Attribute(plain, "T", ast.Load())]


def _put(new, where):
    ast.copy_location(new, where)
    return ast.fix_missing_locations(new)


@kind("arguments", "look at the order of what is passed in `{old}`")
def swapped_arguments(site, scope):
    node = site.node
    if isinstance(node, ast.Call) and 1 < len(node.args) < 5:
        for i, j in itertools.combinations(range(len(node.args)), 2):
            args = list(node.args)
            args[i], args[j] = args[j], args[i]
            yield [(node, "args", args)]
    if isinstance(node, ast.IfExp):
        yield [(node, "body", node.orelse), (node, "orelse", node.body)]


@kind("order of the results", "look at the order of `{old}`")
def permuted(site, scope):
    node = site.node
    if isinstance(node, ast.Tuple) and 1 < len(node.elts) < 5:
        for order in itertools.permutations(node.elts):
            if list(order) != node.elts:
                yield [(node, "elts", list(order))]


# Statements: replaced or added to, in or out of a loop, left out, in another order


@kind(
    "accumulate",
    "look at `{old}`: should it replace what was there, or add to it?",
    "It gives what comes out where something is replaced that should be added to, "
    "or the other way round.",
)
def accumulate(site, scope):
    node = site.node
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        for op in (ast.Add, ast.Sub) if not isinstance(node.targets[0], ast.Tuple) else ():
            yield site.replaced(ast.AugAssign(node.targets[0], op(), node.value))
        if isinstance(node.value, ast.UnaryOp) and isinstance(node.value.op, (ast.USub, ast.UAdd)):
            op = ast.Sub() if isinstance(node.value.op, ast.USub) else ast.Add()  # =- for -=
            yield site.replaced(ast.AugAssign(node.targets[0], op, node.value.operand))
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            if len(target.elts) == len(value.elts) and site.index is not None:
                lines = [
                    _put(ast.AugAssign(t, ast.Add(), v), node)
                    for t, v in zip(target.elts, value.elts, strict=True)
                ]
                around = site.siblings
                after = [*around[: site.index], *lines, *around[site.index + 1 :]]
                yield [(site.parent, site.field, after)]
    if isinstance(node, ast.AugAssign):
        yield site.replaced(ast.Assign([node.target], node.value))


@kind("in place", "look at `{old}`: does it change the array itself, or make a new one?", "")
def in_place(site, scope):
    node = site.node
    if isinstance(node, ast.AugAssign):
        target = copy.deepcopy(node.target)
        target.ctx = ast.Load()
        yield site.replaced(ast.Assign([node.target], ast.BinOp(target, node.op, node.value)))
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
        if ast.unparse(node.targets[0]) == ast.unparse(node.value.left):
            new = ast.AugAssign(node.targets[0], node.value.op, node.value.right)
            yield site.replaced(new)
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        whole = ast.Subscript(
            ast.Name(node.targets[0].id, ast.Load()), ast.Constant(...), ast.Store()
        )
        yield site.replaced(ast.Assign([whole], node.value))
    if isinstance(node, ast.Name) and site.is_value and isinstance(site.statement, ast.Assign):
        yield site.replaced(_around(node, "HERE.copy()"))
    if isinstance(node, ast.Name) and site.is_value and _called(site.parent) == "append":
        yield site.replaced(_around(node, "HERE.copy()"))


@kind(
    "loop",
    "look at where this line stands: inside the loop, or after it?",
    "It gives what comes out where a line stands inside a loop and belongs after it, "
    "or the other way round.",
)
def loop(site, scope):
    node, i = site.node, site.index
    if i is None or not isinstance(node, (ast.For, ast.While, ast.If, ast.With)):
        return
    around = list(site.siblings)
    if len(node.body) > 1:
        after = [*around[: i + 1], node.body[-1], *around[i + 1 :]]
        yield [(site.parent, site.field, after), (node, "body", node.body[:-1])]
        before = [*around[:i], node.body[0], *around[i:]]
        yield [(site.parent, site.field, before), (node, "body", node.body[1:])]
    if i + 1 < len(around):
        without = [*around[: i + 1], *around[i + 2 :]]
        yield [(site.parent, site.field, without), (node, "body", [*node.body, around[i + 1]])]
    if i > 0:
        without = [*around[: i - 1], *around[i:]]
        yield [(site.parent, site.field, without), (node, "body", [around[i - 1], *node.body])]
    inner = node.body[-1]  # the last line of a loop within a loop
    if isinstance(inner, (ast.For, ast.While, ast.If)) and len(inner.body) > 1:
        yield [
            (node, "body", [*node.body, inner.body[-1]]),
            (inner, "body", inner.body[:-1]),
        ]


@kind(
    "line too many",
    "look at whether this line belongs there at all",
    "It gives what comes out where one step is left out: which step of the text is not there yet?",
)
def left_out(site, scope):
    if isinstance(site.node, ast.stmt) and site.index is not None and len(site.siblings) > 1:
        yield [
            (site.parent, site.field, [s for s in site.siblings if s is not site.node]),
        ]


@kind(
    "order of lines",
    "look at the order of this line and the next",
    "It gives what comes out where two steps change places: which must come first?",
)
def order_of_lines(site, scope):
    i = site.index
    if isinstance(site.node, ast.stmt) and i is not None and i + 1 < len(site.siblings):
        for j in range(i + 1, min(i + 4, len(site.siblings))):
            lines = list(site.siblings)
            lines.insert(j, lines.pop(i))
            yield [(site.parent, site.field, lines)]


@kind("return", "look at what the function returns, and whether it does", "")
def returned(site, scope):
    node = site.node
    if isinstance(node, ast.FunctionDef) and not any(
        isinstance(n, ast.Return) for n in ast.walk(node)
    ):
        last = node.body[-1]
        if isinstance(last, (ast.Assign, ast.AugAssign)):
            target = last.targets[0] if isinstance(last, ast.Assign) else last.target
            back = ast.Return(expression(ast.unparse(target)))
            yield [(node, "body", [*node.body, _put(back, last)])]
        if isinstance(last, ast.Expr):
            back = _put(ast.Return(last.value), last)
            yield [(node, "body", [*node.body[:-1], back])]
            if _called(last.value) == "print" and last.value.args:
                values = last.value.args
                value = values[0] if len(values) == 1 else ast.Tuple(values, ast.Load())
                yield [(node, "body", [*node.body[:-1], _put(ast.Return(value), last)])]
        for name in scope.names:
            if "." not in name and name not in scope.arguments:
                back = _put(ast.Return(expression(name)), last)
                yield [(node, "body", [*node.body, back])]
    if isinstance(node, ast.Return) and node.value is not None:
        for name in scope.names:
            yield [(node, "value", _put(expression(name), node))]
        if isinstance(node.value, ast.Tuple):
            for part in node.value.elts:
                yield [(node, "value", part)]
            for name in scope.names:
                more = _put(expression(name), node)
                yield [(node.value, "elts", [*node.value.elts, more])]
        else:
            for name in scope.names:
                both = ast.Tuple([copy.deepcopy(node.value), expression(name)], ast.Load())
                yield [(node, "value", _put(both, node))]


# Names, numbers, indices


@kind("name", "look at the name `{old}`: is it the one that is meant?")
def name(site, scope):
    node = site.node
    loaded = isinstance(getattr(node, "ctx", None), ast.Load)
    if isinstance(node, ast.Name) and loaded and node.id not in {"np", "self", "cu", "range"}:
        called = isinstance(site.parent, ast.Call) and site.field == "func"
        for other in scope.names:
            if other != node.id and not called:
                yield site.replaced(expression(other))
    if isinstance(node, ast.Attribute) and loaded and isinstance(node.value, ast.Name):
        if node.value.id == "self":
            for other in scope.names:
                if other != f"self.{node.attr}":
                    yield site.replaced(expression(other))


@kind("key", "look at the key `{old}`: is it the one that is meant?", "")
def key(site, scope):
    node = site.node
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        for other in scope.keys:
            if other != node.value:
                yield [(node, "value", other)]


@kind("number", "look at the number `{old}`")
def number(site, scope):
    node = site.node
    if not isinstance(node, ast.Constant) or not isinstance(node.value, (int, float)):
        return
    if isinstance(node.value, bool):
        yield [(node, "value", not node.value)]
        return
    usual = (0, 1, 2, -1, 0.5, 1.0, node.value + 1, node.value - 1, 1 / (node.value or 1))
    for said, value in {repr(value): value for value in usual}.items():
        if said != repr(node.value):
            yield [(node, "value", value)]
    if isinstance(node.value, int) and isinstance(site.parent, ast.Subscript):
        yield site.replaced(ast.Slice())  # x[0] for x[:]


@kind("size", "look at the number `{old}`: which size, or which argument, does it stand for?", "")
def size(site, scope):
    node = site.node
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        if not isinstance(node.value, bool):
            for argument in scope.names:
                yield site.replaced(expression(argument))
                yield site.replaced(expression(f"len({argument})"))
                yield site.replaced(expression(f"{argument}.shape[1]"))
                yield site.replaced(expression(f"{argument}.size"))
                yield site.replaced(expression(f"{argument}.ndim"))


@kind(
    "size, each time",
    "look at the number `{old}`, and wherever it stands again: which size does it stand for?",
    "",
)
def size_each_time(site, scope):
    node = site.node
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        places = scope.again(node)
        for name in scope.names if places else []:
            for new in (name, f"len({name})", f"{name}.shape[1]"):
                yield replaced_each_time(places, new)


@kind(
    "name, each time",
    "look at the name `{old}`, and wherever it stands again: is it the one that is meant?",
)
def name_each_time(site, scope):
    node = site.node
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in scope.names:
        places = scope.again(node)
        for other in scope.names if places else []:
            if other != node.id:
                yield replaced_each_time(places, other)


@kind("range", "look at where `{old}` begins and ends, and which way it goes")
def ranges(site, scope):
    node = site.node
    if not (isinstance(node, ast.Call) and _called(node) == "range" and node.args):
        return
    start = ast.unparse(node.args[0]) if len(node.args) > 1 else "0"
    stop = ast.unparse(node.args[min(1, len(node.args) - 1)])
    step = f", {ast.unparse(node.args[2])}" if len(node.args) > 2 else ""
    for new in dict.fromkeys(
        (
            f"range({start}, {stop} + 1{step})",
            f"range({start}, {stop} - 1{step})",
            f"range({start} + 1, {stop}{step})",
            f"range({start} - 1, {stop}{step})",
            f"range({start} + 1, {stop} + 1{step})",
            f"range({start} - 1, {stop} - 1{step})",
            f"range(0, {stop}{step})",
            f"range({start}, {stop})",
            f"reversed(range({start}, {stop}{step}))",
            f"range({start}, len({stop}){step})",
        )
    ):
        if new != f"range({start}, {stop}{step})":
            yield site.replaced(expression(new))
    if isinstance(site.parent, ast.Call) and _called(site.parent) == "reversed":
        yield [(site.parent, "func", _put(expression("list"), node))]


@kind("direction", "look at which way `{old}` goes: forwards or backwards?")
def direction(site, scope):
    node, parent = site.node, site.parent
    in_zip = _called(parent) in {"zip", "enumerate"} and site.field == "args"
    if not in_zip and not (
        isinstance(parent, (ast.For, ast.comprehension)) and site.field == "iter"
    ):
        return
    if isinstance(node, ast.Subscript) and ast.unparse(node.slice) == "::-1":
        yield site.replaced(copy.deepcopy(node.value))
    elif _called(node) == "reversed":
        yield site.replaced(copy.deepcopy(node.args[0]))
    elif _called(node) == "zip":
        back = [_around(argument, "HERE[::-1]") for argument in node.args]
        yield [(node, "args", [_put(argument, node) for argument in back])]
    else:
        if _called(node) != "enumerate":
            yield site.replaced(_around(node, "HERE[::-1]"))
        yield site.replaced(_around(node, "reversed(list(HERE))"))


@kind("index", "look at the index in `{old}`")
def index(site, scope):
    node = site.node
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield site.replaced(copy.deepcopy(node.value))
    if isinstance(node, ast.Subscript):
        inner = node.slice
        if not isinstance(inner, (ast.Slice, ast.Tuple)):
            for change in ("HERE - 1", "HERE + 1", "-1", "0", "-HERE - 1"):
                yield [(node, "slice", _put(_around(inner, change), node))]
            yield [(node, "slice", _put(ast.Tuple([ast.Slice(), inner], ast.Load()), node))]
            for loop_variable in site.loops:
                yield [(node, "slice", _put(expression(loop_variable), node))]
                pair = _around(inner, f"{loop_variable}, HERE")
                yield [(node, "slice", _put(pair, node))]
            yield [(node, "slice", _put(_around(inner, "np.arange(len(HERE)), HERE"), node))]
        if isinstance(inner, ast.Tuple) and len(inner.elts) == 2:
            yield [(inner, "elts", inner.elts[::-1])]
            if isinstance(inner.elts[0], ast.Slice):  # t[:, labels] for t[rows, labels]
                rows = _around(inner.elts[1], "np.arange(len(HERE))")
                yield [(inner, "elts", [_put(rows, node), inner.elts[1]])]
        if isinstance(inner, ast.Slice):
            yield [(node, "slice", _put(ast.Tuple([ast.Slice(), inner], ast.Load()), node))]
            ends = [None, *(expression(s) for s in ("1", "-1"))]
            for lower, upper in itertools.product(ends, ends):
                yield [(node, "slice", _put(ast.Slice(lower, upper, inner.step), node))]
            yield [
                (node, "slice", _put(ast.Slice(inner.lower, inner.upper, expression("-1")), node))
            ]
            if inner.step is not None:
                yield [(node, "slice", _put(ast.Slice(inner.lower, inner.upper), node))]
            for bound, what in (("lower", inner.lower), ("upper", inner.upper)):
                if what is not None:
                    for change in ("HERE + 1", "HERE - 1"):
                        yield [(inner, bound, _put(_around(what, change), node))]
    if site.is_value and isinstance(node, (ast.Name, ast.Attribute)):
        for loop_variable in site.loops:
            if getattr(node, "id", "") != loop_variable:
                yield site.replaced(_around(node, f"HERE[{loop_variable}]"))
        if isinstance(node, ast.Attribute) and node.attr == "shape":
            yield site.replaced(_around(node, "HERE[0]"))
            yield site.replaced(_around(node, "HERE[1]"))


# Something too much, something missing


@kind("call", "look at `{old}`: to call it takes brackets, ( )", "")
def not_called(site, scope):
    node = site.node
    if site.is_value and isinstance(node, ast.Attribute):
        yield site.replaced(ast.Call(copy.deepcopy(node), [], []))


@kind("condition", "look at the condition `{old}`: is it the right way round?")
def condition(site, scope):
    if isinstance(site.parent, (ast.If, ast.While, ast.IfExp)) and site.field == "test":
        yield site.replaced(ast.UnaryOp(ast.Not(), copy.deepcopy(site.node)))


@kind(
    "applied once too often",
    "look at `{old}`: is it applied where it should not be, or twice?",
    "It gives what `{new}` gives: is something not applied to it?",
)
def unwrapped(site, scope):
    node = site.node
    if isinstance(node, ast.Call) and site.is_value:
        if node.args and not isinstance(node.args[0], ast.Starred):
            yield site.replaced(copy.deepcopy(node.args[0]))
        if _is_method_call(node):
            yield site.replaced(copy.deepcopy(node.func.value))


@kind(
    "argument",
    "look at the arguments of `{old}`",
    "It gives what `{new}` gives: is an argument missing, or one too many?",
)
def arguments(site, scope):
    node = site.node
    if not isinstance(node, ast.Call):
        return
    for k in range(len(node.keywords)):
        yield [(node, "keywords", node.keywords[:k] + node.keywords[k + 1 :])]
    if len(node.args) > 1:
        for k in range(len(node.args)):
            yield [(node, "args", node.args[:k] + node.args[k + 1 :])]
        if _called(node) in {"zeros", "ones", "empty", "full", "reshape"}:
            shape = _put(ast.Tuple(list(node.args), ast.Load()), node)
            yield [(node, "args", [shape])]
    if len(node.args) < 4 and _called(node) not in REDUCTIONS:
        for name in scope.names:
            more = _put(expression(name), node)
            yield [(node, "args", [*node.args, more])]


# What is missing around an expression, by the kind of thing that it is.
MISSING = [
    ("power", "look at `{old}`: is it to be squared, or a root to be taken?",
     ["HERE ** 2", "np.sqrt(HERE)"]),
    ("mean or sum", "look at `{old}`: is a sum or a mean missing there, and along which axis?",
     ["np.mean(HERE)", "np.sum(HERE)", "HERE.sum(axis=0)", "HERE.mean(axis=0)",
      "HERE.sum(axis=1)", "HERE.mean(axis=1)", "HERE.sum(axis=1, keepdims=True)",
      "HERE.max(axis=1, keepdims=True)", "HERE.sum(axis=(1, 2))", "np.max(HERE)"]),
    ("broadcasting", "look at the shape of `{old}`: does it need an axis more, or fewer?",
     ["HERE[:, None]", "HERE[None, :]", "HERE[..., None]", "HERE.ravel()", "HERE[:, 0]",
      "HERE[0]"]),
    ("exponential or logarithm", "look at `{old}`: is exp or log missing around it?",
     ["np.exp(HERE)", "np.log(HERE)"]),
    ("one minus", "look at `{old}`: is it this, or 1 minus it, or 1 over it?",
     ["1 - HERE", "1 / HERE", "1 + HERE", "HERE - 1"]),
    ("type", "look at the type of `{old}`: whole numbers, floats, an array?",
     ["int(HERE)", "float(HERE)", "np.array(HERE)", "HERE.astype(int)", "HERE.astype(float)",
      "list(HERE)", "np.asarray(HERE, dtype=float)", "tuple(HERE)"]),
    ("absolute value", "look at the sign that `{old}` may have",
     ["np.abs(HERE)", "np.maximum(HERE, 0)"]),
    ("length", "look at `{old}`: is it this, or its length?", ["len(HERE)"]),
    ("half or double", "look at `{old}`: is a factor of 2 missing, or one half?",
     ["2 * HERE", "HERE / 2"]),
    ("backwards", "look at the order of `{old}`", ["HERE[::-1]"]),
]  # fmt: skip


def _wrapping(templates):
    def changes(site, scope):
        if not site.is_value or isinstance(site.node, (ast.Constant, ast.Tuple, ast.List)):
            return
        if isinstance(site.parent, ast.Attribute) and isinstance(site.node, ast.Name):
            return
        for template in templates:
            yield site.replaced(_around(site.node, template))

    return changes


for _name, _look, _templates in MISSING:
    kind(_name, _look, "It gives what `{new}` would give: is that too much?")(_wrapping(_templates))


@kind(
    "divided by how many",
    "look at `{old}`: must it be divided by how many there are, or not?",
    "It gives what `{new}` would give: must it be divided by how many there are, or not?",
)
def divided(site, scope):
    node = site.node
    if not site.is_value or isinstance(node, (ast.Constant, ast.Tuple)):
        return
    for argument in scope.arguments:
        for count in (f"len({argument})", f"{argument}.size"):
            yield site.replaced(_around(node, f"HERE / {count}"))
            yield site.replaced(_around(node, f"HERE * {count}"))


@kind(
    "missing factor",
    "look at `{old}`: is a factor or a term missing there?",
    "It gives what `{new}` would give: is a part of it too much?",
)
def missing_term(site, scope):
    node = site.node
    if not site.is_value or isinstance(node, (ast.Constant, ast.Tuple)):
        return
    if isinstance(site.parent, ast.Attribute):
        return
    for name in scope.names:
        for sign in "*+-/":
            yield site.replaced(_around(node, f"HERE {sign} {name}"))


@kind(
    "assigned name",
    "look at the name `{old}`, to which this goes: is it the one that is meant?",
    "",
)
def assigned_name(site, scope):
    """Late in the order: under another name almost any value is right somewhere."""
    node = site.node
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        for other in scope.names:
            if other != node.id and "." not in other:
                yield [(node, "id", other)]
