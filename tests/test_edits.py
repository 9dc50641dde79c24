"""Every kind of edit: what it makes of a piece of code, and what is said where it mends it."""

import ast
import itertools
import linecache
import re
import textwrap

import numpy as np
import pytest

from course_utils.exercises import edits, search
from course_utils.exercises.authoring import Exercise

FILES = itertools.count()

INPUTS = {
    "x": lambda rng: rng.normal(size=(4, 3)),
    "y": lambda rng: rng.normal(size=(4, 3)),
    "W": lambda rng: rng.normal(size=(3, 2)),
    "v": lambda rng: rng.uniform(1, 2, size=3),
    "labels": lambda rng: rng.integers(0, 3, size=4),
    "rate": lambda rng: rng.uniform(2, 3),
    "n": lambda rng: int(rng.integers(3, 9)),
    "params": lambda rng: {"W": rng.normal(size=3), "b": rng.normal(size=3)},
}


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """No edit is lost because the machine is busy."""
    monkeypatch.setattr(search, "ONE_TRY", 60)


def typed(source):
    """A function or class as if it had been typed in a cell."""
    source = textwrap.dedent(source).lstrip("\n")
    file = f"<cell {next(FILES)} of the tests of edits>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace = {"np": np}
    exec(compile(source, file, "exec"), namespace)
    return namespace[re.search(r"^(?:def|class) (\w+)", source, re.MULTILINE)[1]]


def exercise(right, **settings):
    arguments = settings.pop("arguments", None) or right.__code__.co_varnames
    names = [name for name in arguments if name in INPUTS]
    returns = settings.pop("returns", ("a",))
    return Exercise(
        "0.1",
        right,
        inputs=lambda rng: {name: INPUTS[name](rng) for name in names},
        returns=returns,
        hints=["a hint", "another"],
        misconceptions=[],
        **settings,
    )


def trials(exercise):
    return [
        (inputs, exercise.use(exercise.reference, inputs))
        for inputs in (exercise.inputs(np.random.default_rng(seed)) for seed in (0, 1))
    ]


def kind_named(name):
    [kind] = [kind for kind in edits.KINDS if kind.name == name]
    return kind


def edited(kind, source, keys=()):
    """The source after each edit of a kind."""
    tree = ast.parse(source).body[0]
    scope = edits.scope_of(tree, lambda name: name in {"np", "len", "range", "zip"}, keys)
    before = ast.unparse(tree)
    for site in scope.sites:
        for changes in kind.changes(site, scope):
            with search._applied(changes):
                yield ast.unparse(tree)
            assert ast.unparse(tree) == before


# What each kind makes of a piece of code: kind, arguments, code, and the code after each edit.
# As text, with | in between.
EDITS = [
    ("spelling", "a, total", "return totl + np.expp(a) + exp(a) + a.summ() + a.exp() + np.len(a)",
     "return total + np.expp(a) + exp(a) + a.summ() + a.exp() + np.len(a) | return totl + "
     "np.exp(a) + exp(a) + a.summ() + a.exp() + np.len(a) | return totl + np.exp2(a) + exp(a) + "
     "a.summ() + a.exp() + np.len(a) | return totl + np.ldexp(a) + exp(a) + a.summ() + a.exp() "
     "+ np.len(a) | return totl + np.expp(a) + np.exp(a) + a.summ() + a.exp() + np.len(a) | "
     "return totl + np.expp(a) + exp(a) + a.sum() + a.exp() + np.len(a) | return totl + "
     "np.expp(a) + exp(a) + a.cumsum() + a.exp() + np.len(a) | return totl + np.expp(a) + "
     "exp(a) + a.summ() + np.exp(a) + np.len(a) | return totl + np.expp(a) + exp(a) + a.summ() "
     "+ a.exp() + len(a)"),
    ("spelling", "self, a", "return self.foo(a)",
     ""),
    ("sign", "a, b", "return a - b",
     "return -(a - b) | return a + b | return b - a | return -a - b | return a - -b"),
    ("sign", "a", "return -a",
     "return a"),
    ("sign", "a, b", "a += np.sum(b)",
     "a -= np.sum(b) | a += -np.sum(b) | a += np.sum(-b)"),
    ("sign", "a", "a -= 1",
     "a += 1"),
    ("term too many", "a, b", "return a * b",
     "return a | return b"),
    ("term too many", "a, b", "return a if b > 0 else 0",
     "return a | return 0"),
    ("term too many", "a, b", "return a and b",
     "return a or b"),
    ("term too many", "a, b", "return not a or ~b",
     "return not a and ~b | return a or ~b | return not a or b"),
    ("operator", "a, b", "return a * b",
     "return a + b | return a - b | return a / b | return a // b | return a ** b | return a @ b"),
    ("operator", "a, b", "a += b",
     "a -= b | a *= b | a /= b | a //= b | a **= b | a @= b"),
    ("brackets", "a, b", "return (a + b) / 2",
     "return a + b / 2"),
    ("brackets", "a, b", "return a + b / 2",
     "return (a + b) / 2"),
    ("brackets", "a, b", "return a * b + 1 - 2",
     "return a * b + (1 - 2) | return a * (b + 1 - 2) | return a * (b + 1) - 2"),
    ("brackets", "a", "return -a ** 2",
     "return (-a) ** 2"),
    ("brackets", "a", "return (-a) ** 2",
     "return -a ** 2"),
    ("order of operands", "a, b", "return a / b + a * b",
     "return b / a + a * b"),
    ("comparison", "a, b", "return a > b",
     "return a >= b | return a < b | return a <= b | return a == b | return a != b"),
    ("comparison", "a, b", "return 0 < a < b",
     ""),
    ("axis", "x", "return x.sum(axis=0)",
     "return x.sum(axis=1) | return x.sum(axis=-1) | return x.sum() | return x.sum(axis=(1, 2)) "
     "| return x.sum(axis=0, keepdims=True) | return x.sum(axis=1, keepdims=True) | return "
     "x.sum(axis=-1, keepdims=True) | return x.sum(keepdims=True) | return x.sum(axis=(1, 2), "
     "keepdims=True)"),
    ("axis", "x", "return np.max(x, 1, keepdims=True)",
     "return np.max(x, axis=0, keepdims=True) | return np.max(x, axis=-1, keepdims=True) | "
     "return np.max(x, keepdims=True) | return np.max(x, axis=(1, 2), keepdims=True) | return "
     "np.max(x, axis=1) | return np.max(x, axis=0) | return np.max(x, axis=-1) | return "
     "np.max(x) | return np.max(x, axis=(1, 2))"),
    ("axis", "x", "return np.sum(x)",
     "return np.sum(x, axis=0) | return np.sum(x, axis=1) | return np.sum(x, axis=-1) | return "
     "np.sum(x, axis=(1, 2)) | return np.sum(x, keepdims=True) | return np.sum(x, axis=0, "
     "keepdims=True) | return np.sum(x, axis=1, keepdims=True) | return np.sum(x, axis=-1, "
     "keepdims=True) | return np.sum(x, axis=(1, 2), keepdims=True)"),
    ("axis", "x", "return np.linalg.norm(x, ord=1)",
     "return np.linalg.norm(x, ord=1, axis=0) | return np.linalg.norm(x, ord=1, axis=1) | "
     "return np.linalg.norm(x, ord=1, axis=-1) | return np.linalg.norm(x, ord=1, axis=(1, 2)) | "
     "return np.linalg.norm(x, ord=1, keepdims=True) | return np.linalg.norm(x, ord=1, axis=0, "
     "keepdims=True) | return np.linalg.norm(x, ord=1, axis=1, keepdims=True) | return "
     "np.linalg.norm(x, ord=1, axis=-1, keepdims=True) | return np.linalg.norm(x, ord=1, "
     "axis=(1, 2), keepdims=True)"),
    ("axis", "x", "return np.exp(x)",
     ""),
    ("function", "x", "return x.std()",
     "return x.var()"),
    ("function", "x", "return min(x)",
     "return np.sum(x) | return np.mean(x) | return np.max(x) | return np.prod(x) | return "
     "np.minimum(x)"),
    ("function", "L, x", "L.append(x)",
     "L.extend(x)"),
    ("function, each time", "x", "return np.any(x) + np.any(-x)",
     "return np.all(x) + np.all(-x)"),
    ("function, each time", "x", "return np.any(x) + np.all(x)",
     ""),
    ("transposed", "x, W", "return x.T @ W",
     "return (x.T @ W).T | return x @ W | return x.T @ W.T"),
    ("transposed", "x", "return x.shape",
     "return x.shape.T"),
    ("transposed", "x", "x[0] = x[1]",
     "x.T[0] = x[1] | x[0] = x[1].T | x[0] = x.T[1]"),
    ("transposed product", "x, W", "return x.T @ W",
     "return x @ W | return x @ W.T | return x.T @ W | return x.T @ W.T | return W @ x | return "
     "W @ x.T | return W.T @ x | return W.T @ x.T"),
    ("arguments", "a, b, c", "return f(a, b, c)",
     "return f(b, a, c) | return f(c, b, a) | return f(a, c, b)"),
    ("arguments", "a, b", "return f(a) if a else b",
     "return b if a else f(a)"),
    ("order of the results", "a, b", "return a, b, 1",
     "return (a, 1, b) | return (b, a, 1) | return (b, 1, a) | return (1, a, b) | return (1, b, "
     "a)"),
    ("accumulate", "a, b", "a = b",
     "a += b | a -= b"),
    ("accumulate", "a, b", "a = -b",
     "a += -b | a -= -b | a -= b"),
    ("accumulate", "a, b", "a = +b",
     "a += +b | a -= +b | a += b"),
    ("accumulate", "a, b", "a += b",
     "a = b"),
    ("accumulate", "a, b", "a, b = 1, 2",
     "a += 1\nb += 2"),
    ("accumulate", "a, b", "a, b = f(1)",
     ""),
    ("in place", "a, b", "a += b",
     "a = a + b"),
    ("in place", "a, b", "a = a + b",
     "a += b | a[...] = a + b | a = a.copy() + b | a = a + b.copy()"),
    ("in place", "a, b", "a = b",
     "a[...] = b | a = b.copy()"),
    ("in place", "a, b", "a[0] = b",
     "a.copy()[0] = b | a[0] = b.copy()"),
    ("in place", "L, b", "L.append(b)",
     "L.append(b.copy())"),
    ("loop", "a", "for i in a:\n    b = i\n    c = b\nreturn c",
     "for i in a:\n    b = i\nc = b\nreturn c | b = i\nfor i in a:\n    c = b\nreturn c | for i "
     "in a:\n    b = i\n    c = b\n    return c"),
    ("loop", "a", "d = 0\nfor i in a:\n    for j in i:\n        b = j\n        c = b\nreturn c",
     "d = 0\nfor i in a:\n    for j in i:\n        b = j\n        c = b\n    return c | for i "
     "in a:\n    d = 0\n    for j in i:\n        b = j\n        c = b\nreturn c | d = 0\nfor i "
     "in a:\n    for j in i:\n        b = j\n    c = b\nreturn c | d = 0\nfor i in a:\n    for "
     "j in i:\n        b = j\n    c = b\nreturn c | d = 0\nfor i in a:\n    b = j\n    for j in "
     "i:\n        c = b\nreturn c"),
    ("line too many", "a", "b = 1\nif a:\n    b = 2\nreturn b",
     "if a:\n    b = 2\nreturn b | b = 1\nreturn b | b = 1\nif a:\n    b = 2"),
    ("order of lines", "a", "b = 1\nc = 2\nd = 3\ne = 4\nreturn b",
     "c = 2\nb = 1\nd = 3\ne = 4\nreturn b | c = 2\nd = 3\nb = 1\ne = 4\nreturn b | c = 2\nd = "
     "3\ne = 4\nb = 1\nreturn b | b = 1\nd = 3\nc = 2\ne = 4\nreturn b | b = 1\nd = 3\ne = 4\nc "
     "= 2\nreturn b | b = 1\nd = 3\ne = 4\nreturn b\nc = 2 | b = 1\nc = 2\ne = 4\nd = 3\nreturn "
     "b | b = 1\nc = 2\ne = 4\nreturn b\nd = 3 | b = 1\nc = 2\nd = 3\nreturn b\ne = 4"),
    ("return", "a", "b = a",
     "b = a\nreturn b | b = a\nreturn b"),
    ("return", "a", "b = a\nb += 1",
     "b = a\nb += 1\nreturn b | b = a\nb += 1\nreturn b"),
    ("return", "a", "b = a\nprint(b)",
     "b = a\nreturn print(b) | b = a\nreturn b | b = a\nprint(b)\nreturn b"),
    ("return", "a", "b = a\nprint(b, a)",
     "b = a\nreturn print(b, a) | b = a\nreturn (b, a) | b = a\nprint(b, a)\nreturn b"),
    ("return", "a", "b = a\nprint()",
     "b = a\nreturn print() | b = a\nprint()\nreturn b"),
    ("return", "a", "b = a\nb.sort()",
     "b = a\nreturn b.sort() | b = a\nb.sort()\nreturn b"),
    ("return", "a", "b = a\nfor i in b:\n    i += 1",
     "b = a\nfor i in b:\n    i += 1\nreturn b | b = a\nfor i in b:\n    i += 1\nreturn i"),
    ("return", "a", "b = a\nreturn b + 1",
     "b = a\nreturn a | b = a\nreturn b | b = a\nreturn (b + 1, a) | b = a\nreturn (b + 1, b)"),
    ("return", "a", "b = a\nreturn a, 1",
     "b = a\nreturn a | b = a\nreturn b | b = a\nreturn a | b = a\nreturn 1 | b = a\nreturn (a, "
     "1, a) | b = a\nreturn (a, 1, b)"),
    ("name", "a, b", "return a.T + f(2)",
     "return b.T + f(2)"),
    ("name", "a, b", "a = np.exp(2)",
     ""),
    ("assigned name", "a, b", "a = np.exp(2) + b",
     "b = np.exp(2) + b"),
    ("key", "d", "return d['W']",
     "return d['b']"),
    ("number", "x", "return x[1]",
     "return x[0] | return x[2] | return x[-1] | return x[0.5] | return x[1.0] | return x[:]"),
    ("number", "x", "return 0.25 * x",
     "return 0 * x | return 1 * x | return 2 * x | return -1 * x | return 0.5 * x | return 1.0 "
     "* x | return 1.25 * x | return -0.75 * x | return 4.0 * x"),
    ("number", "x", "return f(x, True)",
     "return f(x, False)"),
    ("size", "x", "return x / 3",
     "return x / x | return x / len(x) | return x / x.shape[1] | return x / x.size | return x / "
     "x.ndim"),
    ("size, each time", "x", "return x[0:3, 1:3] / 3",
     "return x[0:x, 1:x] / x | return x[0:len(x), 1:len(x)] / len(x) | return x[0:x.shape[1], "
     "1:x.shape[1]] / x.shape[1]"),
    ("size, each time", "x", "return f(3, 3, 2)",
     "return f(x, x, 2) | return f(len(x), len(x), 2) | return f(x.shape[1], x.shape[1], 2)"),
    ("name, each time", "a, b", "c = a * a\nreturn c - a",
     "c = b * b\nreturn c - b | c = c * c\nreturn c - c"),
    ("range", "n", "for i in range(n):\n    pass",
     "for i in range(0, n + 1):\n    pass | for i in range(0, n - 1):\n    pass | for i in "
     "range(0 + 1, n):\n    pass | for i in range(0 - 1, n):\n    pass | for i in range(0 + 1, "
     "n + 1):\n    pass | for i in range(0 - 1, n - 1):\n    pass | for i in reversed(range(0, "
     "n)):\n    pass | for i in range(0, len(n)):\n    pass"),
    ("range", "n", "for i in range(1, n, 2):\n    pass",
     "for i in range(1, n + 1, 2):\n    pass | for i in range(1, n - 1, 2):\n    pass | for i "
     "in range(1 + 1, n, 2):\n    pass | for i in range(1 - 1, n, 2):\n    pass | for i in "
     "range(1 + 1, n + 1, 2):\n    pass | for i in range(1 - 1, n - 1, 2):\n    pass | for i in "
     "range(0, n, 2):\n    pass | for i in range(1, n):\n    pass | for i in reversed(range(1, "
     "n, 2)):\n    pass | for i in range(1, len(n), 2):\n    pass"),
    ("range", "n", "for i in reversed(range(1, n)):\n    pass",
     "for i in reversed(range(1, n + 1)):\n    pass | for i in reversed(range(1, n - 1)):\n    "
     "pass | for i in reversed(range(1 + 1, n)):\n    pass | for i in reversed(range(1 - 1, "
     "n)):\n    pass | for i in reversed(range(1 + 1, n + 1)):\n    pass | for i in "
     "reversed(range(1 - 1, n - 1)):\n    pass | for i in reversed(range(0, n)):\n    pass | "
     "for i in reversed(reversed(range(1, n))):\n    pass | for i in reversed(range(1, "
     "len(n))):\n    pass | for i in list(range(1, n)):\n    pass"),
    ("direction", "a, b", "for x, y in zip(a, b[::-1]):\n    pass",
     "for x, y in zip(a[::-1], b[::-1][::-1]):\n    pass | for x, y in zip(a[::-1], b[::-1]):\n "
     "   pass | for x, y in zip(reversed(list(a)), b[::-1]):\n    pass | for x, y in zip(a, "
     "b):\n    pass"),
    ("direction", "a", "for x in reversed(a):\n    pass",
     "for x in a:\n    pass"),
    ("direction", "a", "return [x for x in a]",
     "return [x for x in a[::-1]] | return [x for x in reversed(list(a))]"),
    ("direction", "a", "return [i for i, x in enumerate(a) if f(x)]",
     "return [i for i, x in reversed(list(enumerate(a))) if f(x)] | return [i for i, x in "
     "enumerate(a[::-1]) if f(x)] | return [i for i, x in enumerate(reversed(list(a))) if f(x)]"),
    ("index", "t, k", "return t[k]",
     "return t | return t[k - 1] | return t[k + 1] | return t[-1] | return t[0] | return t[-k - "
     "1] | return t[:, k] | return t[np.arange(len(k)), k]"),
    ("index", "t, k", "t[k] = 0",
     "t[k - 1] = 0 | t[k + 1] = 0 | t[-1] = 0 | t[0] = 0 | t[-k - 1] = 0 | t[:, k] = 0 | "
     "t[np.arange(len(k)), k] = 0"),
    ("index", "t, k", "return t[:, k]",
     "return t | return t[k, :] | return t[np.arange(len(k)), k]"),
    ("index", "t, k", "return t[k, 1]",
     "return t | return t[1, k]"),
    ("index", "t, k", "return t[1:k]",
     "return t | return t[:, 1:k] | return t[:] | return t[:1] | return t[:-1] | return t[1:] | "
     "return t[1:1] | return t[1:-1] | return t[-1:] | return t[-1:1] | return t[-1:-1] | "
     "return t[1:k:-1] | return t[1 + 1:k] | return t[1 - 1:k] | return t[1:k + 1] | return "
     "t[1:k - 1]"),
    ("index", "t, k", "return t[::2]",
     "return t | return t[:, ::2] | return t[::2] | return t[:1:2] | return t[:-1:2] | return "
     "t[1::2] | return t[1:1:2] | return t[1:-1:2] | return t[-1::2] | return t[-1:1:2] | "
     "return t[-1:-1:2] | return t[::-1] | return t[:]"),
    ("index", "t, k", "for i in k:\n    t[k] = i",
     "for i in k[i]:\n    t[k] = i | for i in k:\n    t[k - 1] = i | for i in k:\n    t[k + 1] "
     "= i | for i in k:\n    t[-1] = i | for i in k:\n    t[0] = i | for i in k:\n    t[-k - 1] "
     "= i | for i in k:\n    t[:, k] = i | for i in k:\n    t[i] = i | for i in k:\n    t[i, k] "
     "= i | for i in k:\n    t[np.arange(len(k)), k] = i | for i in k:\n    t[i][k] = i | for i "
     "in k:\n    t[k[i]] = i"),
    ("index", "t", "return t.shape",
     "return t.shape[0] | return t.shape[1]"),
    ("call", "a", "return a.copy",
     "return a.copy()"),
    ("condition", "a", "if a > 0:\n    pass\nwhile a:\n    pass\nreturn 1 if a else 2",
     "if not a > 0:\n    pass\nwhile a:\n    pass\nreturn 1 if a else 2 | if a > 0:\n    "
     "pass\nwhile not a:\n    pass\nreturn 1 if a else 2 | if a > 0:\n    pass\nwhile a:\n    "
     "pass\nreturn 1 if not a else 2"),
    ("applied once too often", "a", "return np.exp(a.sum())",
     "return a.sum() | return np.exp(a)"),
    ("applied once too often", "a", "return f(*a)",
     ""),
    ("argument", "a, b", "return np.max(a, axis=0, keepdims=True)",
     "return np.max(a, keepdims=True) | return np.max(a, axis=0)"),
    ("argument", "a, b", "return f(a, 2)",
     "return f(2) | return f(a) | return f(a, 2, a) | return f(a, 2, b)"),
    ("argument", "a", "return np.zeros(2, 3)",
     "return np.zeros(3) | return np.zeros(2) | return np.zeros((2, 3)) | return np.zeros(2, 3, "
     "a)"),
    ("argument", "a", "return f(1, 2, 3, 4)",
     "return f(2, 3, 4) | return f(1, 3, 4) | return f(1, 2, 4) | return f(1, 2, 3)"),
    ("power", "a", "return f(a)",
     "return f(a) ** 2 | return np.sqrt(f(a)) | return f(a ** 2) | return f(np.sqrt(a))"),
    ("power", "a", "return (a, 2, [a.T])",
     "return (a ** 2, 2, [a.T]) | return (np.sqrt(a), 2, [a.T]) | return (a, 2, [a.T ** 2]) | "
     "return (a, 2, [np.sqrt(a.T)])"),
    ("mean or sum", "a", "return a",
     "return np.mean(a) | return np.sum(a) | return a.sum(axis=0) | return a.mean(axis=0) | "
     "return a.sum(axis=1) | return a.mean(axis=1) | return a.sum(axis=1, keepdims=True) | "
     "return a.max(axis=1, keepdims=True) | return a.sum(axis=(1, 2)) | return np.max(a)"),
    ("broadcasting", "a", "return a",
     "return a[:, None] | return a[None, :] | return a[..., None] | return a.ravel() | return "
     "a[:, 0] | return a[0]"),
    ("exponential or logarithm", "a", "return a",
     "return np.exp(a) | return np.log(a)"),
    ("one minus", "a", "return a",
     "return 1 - a | return 1 / a | return 1 + a | return a - 1"),
    ("type", "a", "return a",
     "return int(a) | return float(a) | return np.array(a) | return a.astype(int) | return "
     "a.astype(float) | return list(a) | return np.asarray(a, dtype=float) | return tuple(a)"),
    ("absolute value", "a", "return a",
     "return np.abs(a) | return np.maximum(a, 0)"),
    ("length", "a", "return a",
     "return len(a)"),
    ("half or double", "a", "return a",
     "return 2 * a | return a / 2"),
    ("backwards", "a", "return a",
     "return a[::-1]"),
    ("divided by how many", "a, b", "return a",
     "return a / len(a) | return a * len(a) | return a / a.size | return a * a.size | return a "
     "/ len(b) | return a * len(b) | return a / b.size | return a * b.size"),
    ("divided by how many", "a", "return (1, 2)",
     ""),
    ("missing factor", "a, b", "return a.T",
     "return a.T * a | return a.T + a | return a.T - a | return a.T / a | return a.T * b | "
     "return a.T + b | return a.T - b | return a.T / b"),
    ("missing factor", "a", "return (1, 2)",
     ""),
]  # fmt: skip

# What is wrong in which way, and what the way back is called: kind, line, look, wrong, right.
MENDED = [
    ("spelling", 3, "how `totl` is spelled",
     "def f(x):\n    total = x + 1\n    return totl * 2",
     "def f(x):\n    total = x + 1\n    return total * 2"),
    ("sign", 2, "the sign of `x`",
     "def f(x):\n    return np.exp(x)", "def f(x):\n    return np.exp(-x)"),
    ("term too many", 2, "whether every part of `x * rate` belongs there",
     "def f(x, rate):\n    return x * rate", "def f(x, rate):\n    return x"),
    ("operator", 2, "the operator in `x * y`: is it the one that is meant?",
     "def f(x, y):\n    return x * y", "def f(x, y):\n    return x / y"),
    ("brackets", 2, "the brackets in `x + y / rate`: what is worked out first?",
     "def f(x, y, rate):\n    return x + y / rate",
     "def f(x, y, rate):\n    return (x + y) / rate"),
    ("order of operands", 2, "the order of the two sides of `rate / v`",
     "def f(v, rate):\n    return rate / v", "def f(v, rate):\n    return v / rate"),
    ("comparison", 2, "the comparison `x > y`: which way, and what if the two are equal?",
     "def f(x, y):\n    return (x > y) * x", "def f(x, y):\n    return (x < y) * x"),
    ("axis", 2, "which axis `x.sum(axis=1)` goes along, and whether it keeps it (keepdims)",
     "def f(x):\n    return x.sum(axis=1)", "def f(x):\n    return x.sum(axis=0)"),
    ("function", 2, "`np.mean(x)`: is that the function that is meant?",
     "def f(x):\n    return np.mean(x)", "def f(x):\n    return np.sum(x)"),
    ("function, each time", 2,
     "`x.mean`, and wherever it stands again: is that the function that is meant?",
     "def f(x, y):\n    a = x.mean(axis=0)\n    return a, y.mean(axis=0)",
     "def f(x, y):\n    a = x.sum(axis=0)\n    return a, y.sum(axis=0)"),
    ("transposed", 2, "`x`: must it be transposed there, or must it not?",
     "def f(x):\n    return np.exp(x)", "def f(x):\n    return np.exp(x.T)"),
    ("transposed product", 2, "the product `W @ x.T`: which comes first, and which is transposed?",
     "def f(x, W):\n    return W @ x.T", "def f(x, W):\n    return x @ W"),
    ("arguments", 2, "the order of what is passed in `np.subtract(x, y)`",
     "def f(x, y):\n    return np.subtract(x, y)", "def f(x, y):\n    return np.subtract(y, x)"),
    ("order of the results", 2, "the order of `(x, y + 1)`",
     "def f(x, y):\n    return x, y + 1", "def f(x, y):\n    return y + 1, x"),
    ("accumulate", 4, "`s = row`: should it replace what was there, or add to it?",
     "def f(x):\n    s = np.zeros(3)\n    for row in x:\n        s = row\n    return s",
     "def f(x):\n    s = np.zeros(3)\n    for row in x:\n        s += row\n    return s"),
    ("in place", 2, "`v`: does it change the array itself, or make a new one?",
     "def f(v):\n    old = v\n    v += 1\n    return old * v", "def f(v):\n    return v * (v + 1)"),
    ("loop", 5, "where this line stands: inside the loop, or after it?",
     "def f(x):\n    s = np.zeros(3)\n    for row in x:\n        s = s + row\n        return s",
     "def f(x):\n    return x.sum(axis=0)"),
    ("line too many", 3, "whether this line belongs there at all",
     "def f(x):\n    z = 2 * x\n    z = z + 1\n    return z", "def f(x):\n    return 2 * x"),
    ("order of lines", 2, "the order of this line and the next",
     "def f(x):\n    x = x + 1\n    x = 2 * x\n    return x", "def f(x):\n    return 2 * x + 1"),
    ("return", 2, "what the function returns, and whether it does",
     "def f(x):\n    a = 2 * x", "def f(x):\n    return 2 * x"),
    ("name", 2, "the name `x`: is it the one that is meant?",
     "def f(x, y):\n    return np.exp(x)", "def f(x, y):\n    return np.exp(y)"),
    ("assigned name", 2, "the name `z`, to which this goes: is it the one that is meant?",
     "def f(x):\n    z = 2 * x\n    return x + 1", "def f(x):\n    x = 2 * x\n    return x + 1"),
    ("key", 2, "the key `'W'`: is it the one that is meant?",
     "def f(params):\n    return 2 * params['W']", "def f(params):\n    return 2 * params['b']"),
    ("number", 2, "the number `3`", "def f(x):\n    return 3 * x", "def f(x):\n    return 2 * x"),
    ("size", 2, "the number `7`: which size, or which argument, does it stand for?",
     "def f(x):\n    return x / 7", "def f(x):\n    return x / len(x)"),
    ("size, each time", 2,
     "the number `7`, and wherever it stands again: which size does it stand for?",
     "def f(x):\n    a = x / 7\n    return a + 7", "def f(x):\n    return x / len(x) + len(x)"),
    ("name, each time", 2,
     "the name `x`, and wherever it stands again: is it the one that is meant?",
     "def f(x, y):\n    a = x / 2\n    return a + np.exp(x)",
     "def f(x, y):\n    return y / 2 + np.exp(y)"),
    ("range", 3, "where `range(n)` begins and ends, and which way it goes",
     "def f(n):\n    s = 0\n    for i in range(n):\n        s += i * i\n    return s",
     "def f(n):\n    return sum(i * i for i in range(n + 1))"),
    ("direction", 3, "which way `v` goes: forwards or backwards?",
     "def f(v, params):\n    s = 0\n    for a, b in zip(v, params['W']):\n        s += a * b\n"
     "    return s",
     "def f(v, params):\n    return v[::-1] @ params['W']"),
    ("index", 2, "the index in `x[1]`",
     "def f(x):\n    return 2 * x[1]", "def f(x):\n    return 2 * x[0]"),
    ("call", 2, "`x.sum`: to call it takes brackets, ( )",
     "def f(x):\n    return x.sum", "def f(x):\n    return x.sum()"),
    ("condition", 2, "the condition `rate > n`: is it the right way round?",
     "def f(rate, n):\n    if rate > n:\n        return rate\n    return n",
     "def f(rate, n):\n    return min(rate, n)"),
    ("applied once too often", 2, "`np.tanh(x)`: is it applied where it should not be, or twice?",
     "def f(x):\n    return 2 * np.tanh(x)", "def f(x):\n    return 2 * x"),
    ("argument", 2, "the arguments of `np.where(x > 0, x)`",
     "def f(x, y):\n    return np.where(x > 0, x)",
     "def f(x, y):\n    return np.where(x > 0, x, y)"),
    ("power", 2, "`x`: is it to be squared, or a root to be taken?",
     "def f(x):\n    return np.sum(x)", "def f(x):\n    return np.sum(x ** 2)"),
    ("mean or sum", 2, "`x * y`: is a sum or a mean missing there, and along which axis?",
     "def f(x, y):\n    return x * y", "def f(x, y):\n    return np.mean(x * y)"),
    ("broadcasting", 2, "the shape of `labels`: does it need an axis more, or fewer?",
     "def f(x, labels):\n    return x * labels",
     "def f(x, labels):\n    return x * labels[:, None]"),
    ("exponential or logarithm", 2, "`x`: is exp or log missing around it?",
     "def f(x):\n    return 1 + x", "def f(x):\n    return 1 + np.exp(x)"),
    ("one minus", 2, "`x`: is it this, or 1 minus it, or 1 over it?",
     "def f(x, y):\n    return y * x", "def f(x, y):\n    return y * (1 - x)"),
    ("type", 2, "the type of `x > 0`: whole numbers, floats, an array?",
     "def f(x):\n    return x > 0", "def f(x):\n    return (x > 0).astype(int)"),
    ("absolute value", 2, "the sign that `x` may have",
     "def f(x):\n    return np.exp(x)", "def f(x):\n    return np.exp(np.abs(x))"),
    ("length", 2, "`x`: is it this, or its length?",
     "def f(x, rate):\n    return rate / x", "def f(x, rate):\n    return rate / len(x)"),
    ("half or double", 2, "`x`: is a factor of 2 missing, or one half?",
     "def f(x):\n    return np.exp(x)", "def f(x):\n    return np.exp(x / 2)"),
    ("backwards", 2, "the order of `v`",
     "def f(v, params):\n    return v - params['W']",
     "def f(v, params):\n    return v[::-1] - params['W']"),
    ("divided by how many", 2,
     "`x.sum(axis=1)`: must it be divided by how many there are, or not?",
     "def f(x):\n    return x.sum(axis=1)", "def f(x):\n    return x.sum(axis=1) / len(x)"),
    ("missing factor", 2, "`np.exp(x)`: is a factor or a term missing there?",
     "def f(x, rate):\n    return np.exp(x)", "def f(x, rate):\n    return np.exp(x) * rate"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "line", "look", "wrong", "right"), MENDED, ids=[case[0] for case in MENDED]
)
def test_an_edit_of_this_kind_mends_it(monkeypatch, name, line, look, wrong, right):
    monkeypatch.setattr(edits, "KINDS", [kind_named(name)])
    right, answer = typed(right), typed(wrong)
    returns = ("a", "b") if isinstance(trials(exercise(right))[0][1], tuple) else ("a",)
    task = exercise(right, returns=returns, arguments=answer.__code__.co_varnames)
    found = search.smallest_edit(task, answer, trials(task), search.Clock(300))
    assert found is not None
    text = wrong.splitlines()[line - 1].strip()
    said = f"One change on line {line}, `{text}`, makes it right: look at {look}"
    assert found.sentence == (said if said.endswith("?") else f"{said}.")
    assert found.kind == name
    assert found.hint.startswith(f"Line {line}: ")


def test_every_kind_is_in_the_table():
    kinds = [kind.name for kind in edits.KINDS]
    assert set(kinds) - {"self"} == {case[0] for case in MENDED}
    assert len(set(kinds)) == len(kinds)


def test_a_name_that_is_read_comes_before_one_that_is_assigned():
    """s = s - y would be right, too: the slip is the 2 * s."""
    right = typed("def f(x, y):\n    s = x + y\n    d = s - 3\n    return 2 * d")
    wrong = typed("def f(x, y):\n    s = x + y\n    d = s - 3\n    return 2 * s")
    task = exercise(right)
    found = search.smallest_edit(task, wrong, trials(task), search.Clock(300))
    assert (found.kind, found.line) == ("name", 4)


def test_what_one_method_leaves_for_another_is_kept_in_self(monkeypatch):
    monkeypatch.setattr(edits, "KINDS", [kind_named("self")])
    source = """
    class Layer:
        def forward(self, x):
            z = 2 * x
            return x

        def backward(self):
            return 3 * self.z
    """
    task = exercise(
        typed(source.replace("z = ", "self.z = ")),
        arguments=["x"],
        run=lambda layer, x: (lambda made: (made.forward(x), made.backward()))(layer()),
        returns=("a", "b"),
    )
    found = search.smallest_edit(task, typed(source), trials(task), search.Clock(300))
    assert (found.line, found.text) == (3, "z = 2 * x")
    assert found.look == "look at `z`: what one method leaves for another must be kept in self"
    assert found.hint == "Line 3: write\n    self.z = 2 * x\nin place of\n    z = 2 * x"


@pytest.mark.parametrize(
    ("kind", "arguments", "body", "after"), EDITS, ids=[f"{e[0]}: {e[2]}" for e in EDITS]
)
def test_what_a_kind_makes_of_a_piece_of_code(kind, arguments, body, after):
    source = f"def answer({arguments}):\n{textwrap.indent(body, '    ')}"
    made = [textwrap.dedent(new.split("\n", 1)[1]) for new in edited(kind_named(kind), source, "b")]
    assert made == after.split(" | ") * bool(after)


def test_the_self_of_a_class():
    source = "class Layer:\n    def forward(self, x):\n        self.a = z = x\n        return a + z"
    made = [new.split("x):\n")[1] for new in edited(kind_named("self"), source)]
    assert made == [
        "        self.a = self.z = x\n        return a + z",
        "        self.a = z = x\n        return self.a + z",
    ]
    swapped = [new.split("return ")[1] for new in edited(kind_named("name"), source)]
    assert {"a + self.a", "z + z", "x + z", "self.a + z"} < set(swapped)


def test_an_attribute_of_self_may_be_another():
    source = "class A:\n    def f(self, x):\n        self.a = self.c = x\n        return self.c"
    made = {new.splitlines()[-1].strip() for new in edited(kind_named("name"), source)}
    assert made >= {"return self.a", "return x"}


def test_what_is_put_in_has_the_line_of_what_it_replaces():
    tree = ast.parse("def f(a):\n    b = 2\n    return a[0] + a[0]").body[0]
    scope = edits.scope_of(tree, lambda name: True)
    [first, *_] = [site for site in scope.sites if isinstance(site.node, ast.Subscript)]
    for kind in edits.KINDS:
        for changes in kind.changes(first, scope):
            for _, _, new in changes:
                for part in new if isinstance(new, list) else [new]:
                    assert getattr(part, "lineno", 3) == 3


def test_the_scope_knows_the_names():
    tree = ast.parse(
        "def f(self, a, b):\n    _, c = a['key']\n"
        "    self.d = [i for i in 'a very, very long text, indeed']"
    ).body[0]
    scope = edits.scope_of(tree, lambda name: False, ["W", "key"])
    assert scope.arguments == ["a", "b"]
    assert scope.names == ["a", "b", "c", "i", "self.d"]
    assert scope.keys == ["key", "W"]
    assert not scope.is_method


def test_loops_are_known_at_their_sites():
    tree = ast.parse("def f(a):\n    for i, j in a:\n        for k in j:\n            b = k").body[
        0
    ]
    loops = {
        ast.unparse(s.node): s.loops for s in edits.sites(tree) if isinstance(s.node, ast.stmt)
    }
    assert loops["b = k"] == ("i", "j", "k")
    assert loops["for k in j:\n    b = k"] == ("i", "j")
