"""Search for the smallest edit: of the student's own code that makes it right, or of the
reference that gives what the student's code gave.

A slip is small, and so is the way back from it. edits.py says which edits there are.
"""

import ast
import builtins
import contextlib
import copy
import inspect
import linecache
import textwrap
import time
from dataclasses import dataclass

from . import edits, sandbox
from .comparison import compare, same

A_MOMENT = 0.5  # seconds
ONE_TRY = 0.3  # seconds that one edited function may take
PROMISING = 4  # edits that help a little, from which a second one is looked for
LONGEST = 44  # characters of source that are quoted
COMPOUND = (ast.For, ast.While, ast.If, ast.With, ast.FunctionDef)
FIRST = {  # kinds to try first, by the end of what is wrong with the form of the result
    "It returned None. Does it end with a return?": ("return", "loop"),
    " is None.": ("range", "loop", "index"),
}


@dataclass
class Found:
    """An edit that makes the code right.

    line : of the cell, from 1
    text : that line as it stands
    look : where to look, a clause
    before, after : the statement's source, now and with the edit
    again : the other lines on which the edit changes something
    """

    kind: str
    line: int
    text: str
    look: str
    before: str
    after: str
    again: tuple = ()
    second: "Found | None" = None

    @property
    def sentence(self):
        if self.second is None:
            return _ended(
                f"One change on line {self.line}, `{self.text}`, makes it right: {self.look}"
            )
        first = _ended(
            f"Two changes make it right. On line {self.line}, `{self.text}`: {self.look}"
        )
        second = _ended(f"On line {self.second.line}, `{self.second.text}`: {self.second.look}")
        return f"{first} {second}"

    @property
    def hint(self):
        """The edit itself."""
        before, after = _indented(self.before), _indented(self.after)
        if after:
            said = f"Line {self.line}: write\n    {after}\nin place of\n    {before}"
        else:
            said = f"Line {self.line}: leave out\n    {before}"
        if self.again:
            said += f"\nand likewise on line {' and '.join(map(str, self.again))}"
        return said if self.second is None else f"{said}\n{self.second.hint}"


def _ended(sentence):
    return sentence if sentence.endswith(("?", ".")) else f"{sentence}."


def _indented(source):
    return source.replace("\n", "\n    ")


def tree_of(implementation):
    """(tree, lines) of a function or class as it was typed, or None where that is not known."""
    try:
        if inspect.isclass(implementation):
            source = _source_of_class(implementation)
        else:
            source = inspect.getsource(implementation)
        source = textwrap.dedent(source)
        tree = ast.parse(source).body[0]
    except (OSError, TypeError, SyntaxError, IndentationError, IndexError):
        return None
    if not isinstance(tree, (ast.FunctionDef, ast.ClassDef)):
        return None
    tree.decorator_list = []
    return tree, source.splitlines()


def _source_of_class(implementation):
    """The source of a class; inspect finds that of a notebook's cell only from Python 3.13 on."""
    code = _codes(implementation)[0]
    lines = linecache.getlines(code.co_filename)
    for node in ast.walk(ast.parse("".join(lines))):
        if isinstance(node, ast.ClassDef) and node.name == implementation.__name__:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if first <= code.co_firstlineno <= node.end_lineno:
                return "".join(lines[first - 1 : node.end_lineno])
    raise OSError(f"the source of {implementation.__name__} was not found")


def _codes(implementation):
    """The code of a function, or of each method of a class, in the order of the source."""
    if not inspect.isclass(implementation):
        return [implementation.__code__]
    functions = [getattr(f, "__func__", f) for f in vars(implementation).values()]
    own = f"{implementation.__qualname__}."
    return [
        f.__code__ for f in functions if inspect.isfunction(f) and f.__qualname__.startswith(own)
    ]


class Clock:
    """How long a search may take; `waiting` is called once where it takes more than a moment."""

    def __init__(self, seconds, waiting=None):
        self.began = time.perf_counter()
        self.seconds, self.waiting = seconds, waiting

    @property
    def in_time(self):
        passed = time.perf_counter() - self.began
        if self.waiting is not None and passed > A_MOMENT:
            self.waiting()
            self.waiting = None
        return passed < self.seconds


class Bench:
    """Where edited functions are tried: on the cases, with what is expected of each."""

    def __init__(self, exercise, namespace, name, trials, clock):
        self.exercise, self.namespace, self.name = exercise, namespace, name
        self.trials = trials  # [(inputs, expected)]
        self.clock = clock
        self.tried = 0
        self.seen = []  # sentences about the first case's result, of the last score

    def _run(self, tree, judge):
        """What judge(use) gives, `use` running the tree's function on inputs; None if it raises."""
        self.tried += 1

        def made_and_judged():
            namespace = dict(self.namespace)
            exec(compile(ast.Module([tree], []), "<edited>", "exec"), namespace)
            implementation = namespace[self.name]
            return judge(lambda inputs: self.exercise.use(implementation, copy.deepcopy(inputs)))

        return sandbox.call(made_and_judged, ONE_TRY, forbidden=(), student=None).value

    def score(self, tree):
        """How much is right on the first case: -1 where it raises, else outputs that are right.

        With everything right there, the other cases are tried: infinity if all are right.
        """
        names, tolerance = self.exercise.returns, self.exercise.tolerance

        def judge(use):
            for number, (inputs, expected) in enumerate(self.trials):
                findings = compare(names, expected, use(inputs), tolerance)
                wrong = {finding.output for finding in findings}
                if not number:
                    self.seen = [finding.sentence for finding in findings]
                if wrong and number:
                    return len(names) - 0.5
                if wrong:
                    return 0.0 if "the result" in wrong else float(len(names) - len(wrong))
            return float("inf")

        score = self._run(tree, judge)
        return -1.0 if score is None else score

    def gives(self, tree, results):
        """Whether the tree's function gives these results on the cases."""

        def judge(use):
            gave = []
            for (inputs, _), got in zip(self.trials, results, strict=True):
                gave.append(use(inputs))
                if not same(gave[-1], got, self.exercise.tolerance):
                    return False
            return not same(gave, [expected for _, expected in self.trials], 1e-3)

        return bool(self._run(tree, judge))


@contextlib.contextmanager
def _applied(changes):
    before = [(node, field, getattr(node, field)) for node, field, _ in changes]
    for node, field, new in changes:
        setattr(node, field, new)
    try:
        yield
    finally:
        for node, field, old in reversed(before):
            setattr(node, field, old)


def _candidates(scope, first=()):
    """(kind, site, changes) of every edit: kind after kind, in the order of the source.

    first : names of the kinds that come before the others
    """
    for kind in sorted(edits.KINDS, key=lambda kind: kind.name not in first):
        for site in scope.sites:
            for changes in kind.changes(site, scope):
                yield kind, site, changes


def smallest_edit(exercise, implementation, trials, clock):
    """The Found edit of the student's code that makes it right in all trials, or None.

    trials : [(inputs, expected)]
    """
    read = tree_of(implementation)
    if read is None:
        return None
    tree, lines = read
    namespace = _namespace_of(implementation)
    bench = Bench(exercise, namespace, tree.name, trials, clock)
    start = _first_line(implementation, tree)
    base = bench.score(tree)
    if base == float("inf"):
        return None
    first = [
        name for end in FIRST for said in bench.seen if said.endswith(end) for name in FIRST[end]
    ]
    found, promising = _one_edit(bench, tree, lines, start, base, first)
    if found is not None:
        return found
    for score, kind, site, changes in promising:
        if not bench.clock.in_time:
            break
        first = _describe(tree, lines, start, kind, site, changes)
        with _applied(changes):
            found, _ = _one_edit(bench, tree, lines, start, score)
        if found is not None and found.line != first.line:
            first.second = found
            return first
    return None


def _one_edit(bench, tree, lines, start, base, first=()):
    """(Found or None, the most promising edits where there is none)."""
    scope = _scope(tree, bench)
    useless = _useless(tree)
    promising = []
    for kind, site, changes in _candidates(scope, first):
        if not bench.clock.in_time:
            break
        with _applied(changes):
            score = bench.score(tree)
            sensible = score > base and _useless(tree) <= useless
        if score == float("inf") and sensible:
            return _describe(tree, lines, start, kind, site, changes), []
        if sensible and len(promising) < PROMISING:
            promising.append((score, kind, site, changes))
    return None, sorted(promising, key=lambda p: -p[0])


def alike(exercise, trials, results, clock):
    """What to say where one edit of the reference gives what the student's code gave, or None."""
    read = tree_of(exercise.reference)
    if read is None:
        return None
    tree, _ = read
    namespace = dict(vars(inspect.getmodule(exercise.reference)))
    bench = Bench(exercise, namespace, tree.name, trials, clock)
    scope = _scope(tree, bench)
    for kind, site, changes in _candidates(scope):
        if not bench.clock.in_time:
            return None
        if not kind.alike:
            continue
        with _applied(changes):
            if bench.gives(tree, results):
                new = _short(site.now)
                look = kind.look.replace("{old}", new)
                return _ended(
                    kind.alike.removesuffix(".").replace("{look}", look).replace("{new}", new)
                )
    return None


def _short(node):
    """A node's source on one line, its beginning if it is long."""
    source = ast.unparse(node).split("\n")[0]
    return source if len(source) <= LONGEST else f"{source[: LONGEST - 3]}..."


def _describe(tree, lines, start, kind, site, changes):
    statement = site.statement if isinstance(site.statement, ast.stmt) else tree
    number = _line_of(site, changes) or statement.lineno
    before = ast.unparse(statement)
    with _applied(changes):
        after = "" if kind.name == "line too many" else _statement_now(tree, site, statement)
    if isinstance(statement, ast.FunctionDef):
        before, after = _what_differs(before, after)
    old = _short(site.node)
    text = lines[number - 1].strip() if number <= len(lines) else before
    if len(text) > 2 * LONGEST:
        text = f"{text[: 2 * LONGEST - 3]}..."
    again = ()
    if kind.name.endswith("each time"):
        again = tuple(sorted({start + n - 1 for n in _lines_of(changes)} - {start + number - 1}))
    look = kind.look.replace("{old}", old)
    return Found(kind.name, start + number - 1, text, look, before, after, again)


def _what_differs(before, after):
    """The lines in which two sources differ; where that leaves nothing, the one before, too."""
    old, new = before.split("\n"), after.split("\n")
    start = _how_many_agree(old, new)
    end = _how_many_agree(old[start:][::-1], new[start:][::-1])
    if start in (len(old) - end, len(new) - end):
        start -= 1
    old, new = (lines[start : len(lines) - end] for lines in (old, new))
    margin = min(len(line) - len(line.lstrip()) for line in old + new)
    return tuple("\n".join(line[margin:] for line in lines) for lines in (old, new))


def _how_many_agree(a, b):
    agree = [x == y for x, y in zip(a, b, strict=False)]
    return agree.index(False) if False in agree else len(agree)


def _lines_of(changes):
    """The lines of all that is put anew."""
    for node, field, new in changes:
        before = getattr(node, field)
        parts = [part for part in new if part not in before] if isinstance(new, list) else [new]
        for part in parts:
            yield getattr(part, "lineno", node.lineno)


def _line_of(site, changes):
    """The line that an edit is about: of a line that is moved, its own."""
    for node, field, new in changes:
        if isinstance(new, list) and isinstance(site.node, COMPOUND):
            before = getattr(node, field)
            moved = [part for part in new if part not in before and hasattr(part, "lineno")]
            if moved:
                return moved[0].lineno
    return getattr(site.node, "lineno", None)


def _statement_now(tree, site, statement):
    """The source of the statement's place with the edit, which may have put another one there."""
    if site.node is statement and site.index is not None and site.index < len(site.siblings):
        return ast.unparse(site.siblings[site.index])
    return ast.unparse(statement)


def _first_line(implementation, tree):
    """The line of the cell on which the source begins."""
    code = _codes(implementation)[0]
    if not inspect.isclass(implementation):
        return code.co_firstlineno
    method = next(n for n in tree.body if getattr(n, "name", "") == code.co_name)
    first = min([method.lineno, *(d.lineno for d in method.decorator_list)])
    return code.co_firstlineno - first + 1


def _namespace_of(implementation):
    if hasattr(implementation, "__globals__"):
        return implementation.__globals__
    methods = [f for f in vars(implementation).values() if inspect.isfunction(f)]
    return methods[0].__globals__ if methods else {}


def _scope(tree, bench):
    def means_something(name):
        return name in bench.namespace or hasattr(builtins, name)

    return edits.scope_of(tree, means_something, _keys(bench.trials[0][0]))


def _keys(value):
    """The keys of all dicts in the inputs: names that the answer may use."""
    if isinstance(value, dict):
        parts = value.values()
    elif isinstance(value, (list, tuple)):
        return [key for part in value for key in _keys(part)]
    else:
        return []
    return [k for k in value if isinstance(k, str)] + [k for part in parts for k in _keys(part)]


def _useless(tree):
    """What of a function has no effect: an edit must not add to it.

    Names that are assigned and never read, operators whose result is 0 or 1 whatever the values,
    statements after a return.
    """
    stored, loaded, without = set(), set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (loaded if isinstance(node.ctx, ast.Load) else stored).add(node.id)
        elif isinstance(node, ast.AugAssign):
            if isinstance(node.target, ast.Name):
                loaded.add(node.target.id)
            if _is_constant(node.target, node.op, node.value):
                without.add(ast.unparse(node))
        elif isinstance(node, ast.BinOp) and _is_constant(node.left, node.op, node.right):
            without.add(ast.unparse(node))
        body = getattr(node, "body", None)
        for i, statement in enumerate(body if isinstance(body, list) else []):
            if isinstance(statement, ast.Return):
                without.update(ast.unparse(after) for after in body[i + 1 :])
    return (stored - loaded) | without


def _is_constant(left, op, right):
    """Whether an operator gives 0 or 1 whatever the values: 0 * x, 1 ** x, x ** 0, x - x."""
    a, b = (getattr(side, "value", None) for side in (left, right))
    a, b = (n if isinstance(n, (int, float)) else None for n in (a, b))
    if isinstance(op, ast.Pow):
        return a in (0, 1) or b == 0
    if isinstance(op, ast.Mult):
        return 0 in (a, b)
    if isinstance(op, (ast.Div, ast.FloorDiv)) and a == 0:
        return True
    if isinstance(op, ast.Add) and isinstance(left, ast.UnaryOp):  # -x + x
        left = left.operand
    elif isinstance(op, ast.Add) and isinstance(right, ast.UnaryOp):
        right = right.operand
    elif not isinstance(op, (ast.Sub, ast.Div)):
        return False
    return ast.unparse(left) == ast.unparse(right)
