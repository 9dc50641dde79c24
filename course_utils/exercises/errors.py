"""An exception in the student's words: the expression that failed, and what met there."""

import ast
import builtins
import contextlib
import difflib
import inspect
import linecache
import math
import re

import numpy as np

ONE_NUMBER = (
    "`if`, `and`, `or`, `max` and `min` take one number at a time: for whole arrays use a mask "
    "such as (x > 0), or x.max(axis=...)."
)
LONGEST = 60
NO_ARITHMETIC = (
    "unsupported operand",
    "bad operand",
    "not supported between",
    "did not contain a loop",
    "not supported for the input types",
)
NO_INTEGER = (
    "cannot be interpreted as an integer",
    "expected a sequence of integers",
    "only integer scalar arrays can be converted to a scalar index",
)
KEYWORDS = ["axis", "keepdims", "dtype", "size", "weights", "out", "where", "initial", "ddof"]
UNKNOWN = object()
CHANGING = {"append", "extend", "insert", "pop", "remove", "next", "print", "shuffle", "input"}


def explain(error, code_file):
    """Sentences about an exception: what happened, in words, then the line of the cell.

    code_file : the file name of the student's code, as a traceback names it
    """
    place = _Place.of(error, code_file)
    said = None
    if place is not None:
        for function in EXPLANATIONS:
            with contextlib.suppress(Exception):  # then Python's own words have to do
                said = function(error, message(error), place)
            if said:
                break
    name = type(error).__name__.lstrip("_")
    plain = _plain(message(error))
    said = said or (f"{name}: {plain}" if plain else name)
    if place is None:
        return [said]
    return [said, f"Line {place.line} of the cell: {place.text}"]


def message(error):
    """What an exception says, where it can say anything."""
    try:
        return str(error)[:500]
    except Exception:
        return ""


def _plain(message):
    """Python's or NumPy's message without what only they understand."""
    message = re.sub(r"[\w.]+\.<locals>\.", "", message)
    message = re.sub(r", with gufunc signature \S+( \(.*)?", "", message)
    message = re.sub(r"gufunc core with signature \S+ requires", "needs", message)
    return message.replace("ufunc ", "").strip()


class _Place:
    """Where in the student's code an exception came up."""

    @classmethod
    def of(cls, error, code_file):
        """The innermost place in the student's own code, or None."""
        found, at = None, error.__traceback__
        while at is not None:
            if at.tb_frame.f_code.co_filename == code_file:
                found = at
            at = at.tb_next
        return None if found is None else cls(found, code_file)

    def __init__(self, at, code_file):
        frame = at.tb_frame
        self.names, self.globals = dict(frame.f_locals), frame.f_globals
        self.line = at.tb_lineno
        self.text = linecache.getline(code_file, self.line).strip()
        self.node = None
        try:
            positions = list(frame.f_code.co_positions())[at.tb_lasti // 2]
            tree = ast.parse("".join(linecache.getlines(code_file)))
            self.node = _node_at(tree, positions)
        except (IndexError, SyntaxError):
            pass  # the line is known, the expression is not

    def source(self, node):
        said = ast.unparse(node).split("\n")[0]
        return said if len(said) <= LONGEST else f"{said[: LONGEST - 3]}..."

    def value(self, node):
        """What an expression is there, or UNKNOWN where that cannot be found out simply."""
        called = [n.func for n in ast.walk(node) if isinstance(n, ast.Call)]
        if any(getattr(f, "attr", getattr(f, "id", "")) in CHANGING for f in called):
            return UNKNOWN
        try:
            code = compile(ast.Expression(node), "<part of an answer>", "eval")
            return eval(code, self.globals, self.names)
        except Exception:
            return UNKNOWN

    def values(self, nodes):
        """[(source, value)] of expressions; none if one of the values is unknown."""
        found = [(self.source(node), self.value(node)) for node in nodes]
        return [] if any(value is UNKNOWN for _, value in found) else found


def _node_at(tree, positions):
    line, end_line, column, end_column = positions
    for node in ast.walk(tree):
        where = (
            getattr(node, "lineno", None),
            getattr(node, "end_lineno", None),
            getattr(node, "col_offset", None),
            getattr(node, "end_col_offset", None),
        )
        if where == (line, end_line, column, end_column) and not isinstance(node, ast.Expr):
            return node
    return None


def is_what(value):
    """A value in a few words: its shape, or what it is."""
    if isinstance(value, np.ndarray):
        return f"has shape {value.shape}" if value.ndim else "is one number"
    if isinstance(value, (list, tuple)):
        return f"is a {type(value).__name__} of {len(value)}"
    if value is None:
        return "is None"
    if isinstance(value, (bool, int, float, np.number)):
        return f"is {value:.4g}" if isinstance(value, (float, np.floating)) else f"is {value}"
    if isinstance(value, str):
        return f"is the text {value!r:.30}"
    if callable(value):
        return "is a function"
    return f"is a {type(value).__name__}"


def _sides(place):
    """[(source, value)] of the sides of what failed: an operator or a call of a product."""
    node = place.node
    if isinstance(node, ast.BinOp):
        sides = [node.left, node.right]
    elif isinstance(node, ast.UnaryOp):
        sides = [node.operand]
    elif isinstance(node, ast.AugAssign):
        target = ast.parse(ast.unparse(node.target), mode="eval").body
        sides = [target, node.value]
    elif isinstance(node, ast.Call):
        sides = list(node.args)
        of = getattr(node.func, "value", None)
        if of is not None and not inspect.ismodule(place.value(of)):
            sides.insert(0, node.func.value)
        if len(sides) != 2:
            return []
    elif isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
    else:
        return []
    return place.values(sides)


def _met(sides):
    """What each side is; of a number that stands there as it is, nothing need be said."""
    said = [
        f"{source} {is_what(value)}"
        for source, value in sides
        if value is None or is_what(value) != f"is {source}"
    ]
    return " and ".join([", ".join(said[:-1]), said[-1]] if said[1:] else said)


def _by_plain_name(node):
    """Whether it calls a function of the lesson, or a builtin, and not np.f or x.f."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


def _passed(call):
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def product(error, message, place):
    if not isinstance(error, ValueError):
        return None
    if "matmul" not in message and "not aligned" not in message:
        return None
    if _by_plain_name(place.node):
        given = _met(place.values(_passed(place.node)))
        return f"`{_here(place)}` cannot work with what it is given: {given}." if given else None
    sides = _sides(place)
    if len(sides) != 2:
        return None
    (_, a), (_, b) = sides
    if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
        return f"`{place.source(place.node)}`: {_met(sides)}, and a product takes two arrays."
    said = f"`{place.source(place.node)}` does not fit: {_met(sides)}"
    if a.ndim and b.ndim:
        inner = a.shape[-1], b.shape[-2] if b.ndim > 1 else b.shape[0]
        if inner[0] != inner[1]:
            a, b = inner
            return f"{said}. In a product the inner two must agree, and here {a} meets {b}."
    return f"{said}."


def broadcast(error, message, place):
    if not isinstance(error, ValueError) or "broadcast" not in message:
        return None
    node = place.node
    if "into shape" in message or "requested shape" in message or "indexing result" in message:
        shapes = re.findall(r"\([\d, ]*\)", message)
        if len(shapes) == 2:
            what, into = shapes
            return f"`{place.text}`: shape {what} does not fit into the place of shape {into}."
    sides = _sides(place)
    if not sides and isinstance(node, ast.Call):  # np.where(mask, a, b)
        sides = place.values(node.args)
    if not sides:
        return None
    said = f"`{place.source(node)}` does not fit: {_met(sides)}"
    if len(sides) != 2:
        return f"{said}."
    a, b = np.shape(sides[0][1]), np.shape(sides[1][1])
    op = getattr(node, "op", None)
    if isinstance(op, ast.MatMult):  # of many matrices
        a, b = a[:-2], b[:-2]
    for m, n in zip(a[::-1], b[::-1], strict=False):
        if m != n and 1 not in (m, n):
            said = f"{said}. Shapes are compared from the right, and here {m} meets {n}."
            if isinstance(op, ast.Mult) and len(a) == len(b) == 2 and a[1] == b[0]:
                said += " The matrix product is written @."
            return said
    return f"{said}."


def unknown_name(error, message, place):
    if isinstance(error, UnboundLocalError):
        name = re.search(r"'(\w+)'", message)
        if name:
            return (
                f"`{name[1]}` is used before anything is assigned to it in the function: is that "
                "line missing, or does it come later, or only within an `if` or a loop?"
            )
    if isinstance(error, NameError) and error.name:
        there = [*place.names, *place.globals, *dir(builtins)]
        near = difflib.get_close_matches(error.name, there, 1, 0.6)
        own = difflib.get_close_matches(error.name, list(place.names), 1, 0.5)
        said = f"There is no `{error.name}` here (NameError)"
        if hasattr(np, error.name):
            return f"{said}: NumPy has np.{error.name}."
        if own or near:
            return f"{said}: is `{(own or near)[0]}` meant?"
        return f"{said}: the function sees its arguments and what the cells above define."
    return None


def unknown_attribute(error, message, place):
    if not isinstance(error, AttributeError) or not error.name:
        return None
    node, name = place.node, error.name
    if not isinstance(node, ast.Attribute):
        return None
    of, value = place.source(node.value), error.obj
    if of == "np":
        near = difflib.get_close_matches(name, dir(np), 1, 0.6)
        return f"NumPy has no np.{name}" + (f": is np.{near[0]} meant?" if near else ".")
    said = f"`{of}.{name}`: {of} {is_what(value)} and has no `{name}`"
    if of == "self":
        said = f"`self.{name}` does not exist yet: does an earlier method keep it in self?"
        return said
    if isinstance(value, np.ndarray):
        if hasattr(np, name):
            return f"{said}: the function is np.{name}({of})."
        near = difflib.get_close_matches(name, dir(value), 1, 0.6)
        return said + (f": is .{near[0]} meant?" if near else ".")
    return f"{said}."


def no_such_axis(error, message, place):
    found = re.search(r"axis (-?\d+) is out of bounds for array of dimension (\d+)", message)
    if not found:
        return None
    axes = "no axis at all: it is one number" if found[2] == "0" else f"{found[2]}"
    said = f"`{_here(place)}`"
    if found[2] == "0":
        return f"{said}: there is no axis {found[1]}, for the array has {axes}."
    plural = "axis" if found[2] == "1" else "axes"
    return (
        f"{said}: there is no axis {found[1]}, for the array has {axes} {plural}, counted from 0."
    )


def bad_index(error, message, place):
    if not isinstance(error, (IndexError, KeyError)):
        return None
    node = place.node
    found = re.search(r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)", message)
    if found and node is not None:
        far = "too small" if found[1].startswith("-") else "too large"
        return (
            f"`{place.source(node)}`: the index {found[1]} is {far}, for axis {found[2]} has "
            f"{found[3]} places" + (f", 0 to {int(found[3]) - 1}." if found[3] != "0" else ".")
        )
    if isinstance(node, ast.Subscript):
        value, key = place.value(node.value), place.value(node.slice)
        of = place.source(node.value)
        if isinstance(value, dict) and error.args:
            if isinstance(node.slice, ast.Slice):  # a KeyError from Python 3.12 on
                return _one_key(place, of, value)
            keys = ", ".join(repr(k) for k in list(value)[:8])
            key = error.args[0]
            return f"`{place.source(node)}`: there is no key {key!r:.40}, the keys are {keys}."
        if isinstance(value, (list, tuple)) and isinstance(key, int):
            return (
                f"`{place.source(node)}`: {of} has {len(value)} entries, and there is no [{key}]."
            )
        if isinstance(value, np.ndarray):
            too_many = "too many indices" in message
            if too_many:
                return f"`{place.source(node)}`: {of} {is_what(value)}: fewer axes than indices."
            mask = place.value(node.slice)
            if "boolean index" in message and np.shape(mask):
                return f"`{place.source(node)}`: {of} {is_what(value)}, the mask {np.shape(mask)}."
            said = f"`{place.source(node)}`: {of} {is_what(value)}, and an index must be"
            return f"{said} whole numbers, a mask or a slice."
    return None


def wrong_type(error, message, place):
    node = place.node
    if "inhomogeneous" in message:
        return f"`{_here(place)}`: an array needs rows of one length, and these differ."
    if "setting an array element with a sequence" in message:
        return f"`{place.text}`: there is place for one number, and this is a whole array."
    if not isinstance(error, TypeError):
        return None
    if "boolean subtract" in message:
        return f"`{_here(place)}`: True and False are no numbers; .astype(float) makes them so."
    if "bitwise_xor" in message or "for ^" in message:
        return f"`{_here(place)}`: ^ is no power. A power is written x ** 2."
    if any(part in message for part in NO_ARITHMETIC):
        sides = _sides(place)
        if not sides and isinstance(node, ast.Call):
            sides = place.values(node.args)
        if sides and any(value is None for _, value in sides):
            return f"`{place.source(node)}`: {_met(sides)}."
        if sides:
            return f"`{place.source(node)}`: {_met(sides)}, and there is no arithmetic with that."
    if "not callable" in message and isinstance(node, ast.Call):
        value = place.value(node.func)
        if value is UNKNOWN or callable(value):
            return None
        return (
            f"`{place.source(node)}` calls {place.source(node.func)}, which {is_what(value)} "
            "and is no function: is an operator or a [ ] missing?"
        )
    if "not subscriptable" in message and isinstance(node, ast.Subscript):
        what = _met(place.values([node.value]))
        return f"`{place.source(node)}`: {what}, which has no [ ]." if what else None
    found = re.search(r"cannot unpack non-iterable ([\w.]+) object", message)
    if found:
        return f"`{place.text}`: {_kind(found[1])} cannot be shared out to several names."
    if "can't multiply sequence" in message or "can only concatenate list" in message:
        return f"`{_here(place)}`: a list does no arithmetic. np.array(...) makes an array of it."
    if "Cannot cast" in message:
        return (
            f"`{place.text}`: an array of whole numbers cannot take fractions in place. "
            "Make it of floats."
        )
    return None


def whole_number(error, message, place):
    node = place.node
    if not isinstance(error, TypeError) or not isinstance(node, ast.Call):
        return None
    if not any(part in message for part in NO_INTEGER):
        return None
    called = place.source(node.func)
    if called in {"np.max", "np.min"} and len(node.args) > 1:
        return (
            f"`{place.source(node)}`: the second argument of {called} is an axis. "
            f"{called}imum compares two arrays, number by number."
        )
    if called in {"np.concatenate", "np.stack", "np.hstack", "np.vstack"} and len(node.args) > 1:
        return (
            f"`{place.source(node)}`: the arrays go into one list, {called}([a, b]); "
            "what comes second is the axis."
        )
    for part in [n for argument in node.args for n in _parts(argument)]:
        value = place.value(part)
        if isinstance(value, (float, np.floating)):
            return (
                f"`{place.source(node)}` needs whole numbers, and {place.source(part)} is {value}: "
                "// divides without a rest, int(...) leaves the fraction off."
            )
    return None


def _parts(node):
    return node.elts if isinstance(node, (ast.Tuple, ast.List)) else [node]


def reshaped(error, message, place):
    found = re.search(r"cannot reshape array of size (\d+) into shape \(([^)]*)\)", message)
    if not found:
        return None
    size = int(found[1])
    shape = [-1 if n == "newaxis" else int(n) for n in re.findall(r"\w+", found[2])]
    known = math.prod(n for n in shape if n >= 0)
    whole = f"({shape[0]},)" if len(shape) == 1 else str(tuple(shape))
    said = f"`{_here(place)}`: there are {size} numbers"
    of = _reshaped(place)
    value = UNKNOWN if of is None else place.value(of)
    if isinstance(value, np.ndarray):
        said = f"`{_here(place)}`: {place.source(of)} {is_what(value)}, that is {size} numbers"
    if -1 in shape:
        return f"{said}, and the shape {whole} takes a multiple of {known}."
    return f"{said}, and the shape {whole} takes {known}."


def _reshaped(place):
    """The array that a call reshapes."""
    node = place.node
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    of = node.func.value
    if place.source(of) == "np":
        return node.args[0] if node.args else None
    return of


def _here(place):
    return place.text if place.node is None else place.source(place.node)


def weights_of_average(error, message, place):
    if "weights" not in message or not isinstance(place.node, ast.Call):
        return None
    weights = [k.value for k in place.node.keywords if k.arg == "weights"]
    sides = place.values([*place.node.args[:1], *weights])
    if len(sides) != 2:
        return None
    return (
        f"`{_here(place)}`: {_met(sides)}. The weights need the shape of what is averaged, or "
        "axis=... to say along which axis they go."
    )


def keyword(error, message, place):
    if not isinstance(error, TypeError):
        return None
    found = re.search(
        r"'(?P<name>\w+)' is an invalid keyword argument for (?P<called>\w+)", message
    )
    found = found or re.search(
        r"(?P<called>\w+)\(\) got an unexpected keyword argument '(?P<name>\w+)'", message
    )
    if not found:
        return None
    name, called = found["name"], found["called"]
    if _by_plain_name(place.node) and hasattr(builtins, called) and hasattr(np, called):
        return f"`{_here(place)}`: Python's own {called} knows no {name}: np.{called} does."
    near = difflib.get_close_matches(name, KEYWORDS, 1, 0.6)
    said = f"`{_here(place)}`: {called} has no argument {name}"
    return f"{said}: is {near[0]} meant?" if near else f"{said}."


def appended(error, message, place):
    found = re.search(r"list\.append\(\) takes exactly one argument \((\d+) given\)", message)
    if not found:
        return None
    if found[1] == "0":
        return f"`{_here(place)}`: append needs the one thing that it adds."
    return (
        f"`{_here(place)}`: append adds one thing, and these are {found[1]}. As a pair they have "
        "brackets of their own: append((a, b))."
    )


def letters_of_einsum(error, message, place):
    node = place.node
    if not isinstance(node, ast.Call) or place.source(node.func) != "np.einsum" or not node.args:
        return None
    letters = place.value(node.args[0])
    if not isinstance(letters, str):
        return None
    said = f"`{_here(place)}`"
    inputs, _, output = letters.replace(" ", "").partition("->")
    inputs = inputs.split(",")
    operands = place.values(node.args[1:])
    if len(operands) != len(node.args) - 1:
        return None
    if len(inputs) != len(operands):
        return f"{said}: letters for {len(inputs)} arrays, and there come {len(operands)}."
    sizes = {}
    for part, (source, value) in zip(inputs, operands, strict=True):
        if "." not in part and len(part) != np.ndim(value):
            return (
                f"{said}: {part} stands for {source}, which {is_what(value)}: "
                "one letter for each axis."
            )
        for letter, size in zip(part, np.shape(value), strict=False) if "." not in part else ():
            before, n = sizes.setdefault(letter, (source, size))
            if n != size:
                return f"{said}: {letter} is {n} in {before} and {size} in {source}."
    for letter in output:
        if letter not in sizes:
            return f"{said}: {letter} stands behind the arrow, and before it nowhere."
        if output.count(letter) > 1:
            return f"{said}: {letter} stands behind the arrow twice."
    return None


def _one_key(place, of, value):
    keys = ", ".join(repr(k) for k in list(value)[:8])
    return f"`{_here(place)}`: {of} is a dict, which is asked by one key. Its keys are {keys}."


def unhashable(error, message, place):
    found = re.search(r"unhashable type: '([\w.]+)'", message)
    if not found:
        return None
    if isinstance(place.node, ast.Subscript):
        of, value = place.source(place.node.value), place.value(place.node.value)
        if isinstance(value, dict):
            return _one_key(place, of, value)
    kind = "an array" if "ndarray" in found[1] else f"a {found[1]}"
    said = f"`{_here(place)}`: {kind} can be no key of a dict and stand in no set."
    if not isinstance(place.node, (ast.Dict, ast.Set)):
        return said
    return f"{said} Is a `:` missing between key and value, or is [ ] meant in place of {{ }}?"


def nothing_passed(error, message, place):
    """What NumPy says of None: that it has no method exp."""
    if not isinstance(error, TypeError) or "of type NoneType" not in message:
        return None
    if isinstance(place.node, ast.Call):
        for argument in place.node.args:
            if place.value(argument) is None:
                return f"`{_here(place)}`: {place.source(argument)} is None."
    return f"`{_here(place)}`: there is a None among the values."


def shape_in_brackets(error, message, place):
    if "as a data type" not in message or not isinstance(place.node, ast.Call):
        return None
    called = place.source(place.node.func)
    inner = ", ".join(place.source(argument) for argument in place.node.args)
    return f"`{_here(place)}`: a shape has brackets of its own, {called}(({inner}))."


def joined(error, message, place):
    """Arrays that do not fit together in np.concatenate or np.stack."""
    node = place.node
    if "input array" not in message or not isinstance(node, ast.Call) or not node.args:
        return None
    sides = place.values(_parts(node.args[0]))
    if len(sides) < 2:
        return None
    same = "all axes" if "stack" in place.source(node.func) else "all axes but the one they join on"
    return f"`{_here(place)}`: {_met(sides)}, and {same} must agree."


def nothing_to_go_through(error, message, place):
    found = re.search(
        r"'([\w.]+)' object is not iterable|object of type '([\w.]+)' has no len", message
    )
    if not found:
        return None
    if found[2]:
        return f"`{_here(place)}`: {_kind(found[2])} has no length."
    said = f"`{_here(place)}`: {_kind(found[1])} has no entries to go through."
    return f"{said} range(n) counts up to n." if found[1] == "int" else said


def _kind(name):
    """A type, by its name, in words."""
    if name == "NoneType":
        return "None"
    if name in {"int", "float"} or name.startswith("numpy."):
        return "one number"
    return f"a {name}"


def unpacked(error, message, place):
    if isinstance(error, ValueError) and "values to unpack" in message:
        return f"`{place.text}`: {_plain(message)}. How many things are there, and how many names?"
    return None


def truth_of_an_array(error, message, place):
    return ONE_NUMBER if "truth value of an array" in message else None


def no_single_number(error, message, place):
    if "only " not in message:
        return None
    if "converted to Python scalar" not in message and "length-1" not in message:
        return None
    return (
        f"`{_here(place)}`: one number is needed here, and this is a whole array. "
        "math's functions and float() take one number, NumPy's take arrays."
    )


EXPLANATIONS = [
    truth_of_an_array,
    letters_of_einsum,
    product,
    broadcast,
    unknown_name,
    unknown_attribute,
    no_such_axis,
    bad_index,
    whole_number,
    keyword,
    appended,
    unhashable,
    nothing_passed,
    shape_in_brackets,
    joined,
    nothing_to_go_through,
    wrong_type,
    unpacked,
    reshaped,
    weights_of_average,
    no_single_number,
]
