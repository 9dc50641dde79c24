"""Lesson 9, automatic differentiation: its exercises."""

import numpy as np

from ..authoring import Exercise, Misconception, Slip, arrays


class Number:
    """A number that remembers how it was computed."""

    def __init__(self, data, operation="", inputs=()):
        self.data, self.grad = data, 0.0
        self.operation = operation
        self.inputs = inputs

    def __add__(self, other):
        return Number(self.data + other.data, "+", ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        return Number(self.data * other.data, "*", ((self, other.data), (other, self.data)))


def quotient(x, y):
    """The quotient x / y of two numbers, and its slope for each of them.

    Returns the value x / y, its slope for x, and its slope for y.
    """
    return x / y, 1 / y, -x / y**2


def number(rng):
    return round(float(rng.choice([-1, 1]) * rng.uniform(1.2, 3)), 2)


division = Exercise(
    "9.1",
    quotient,
    returns=("value", "slope for x", "slope for y"),
    inputs=arrays(x=number, y=number),
    hints=[
        "Keep y fixed: x / y is then x times a fixed number. Which number is its slope?",
        "For y: x / y = x · y⁻¹. A power yⁿ has the slope n · yⁿ⁻¹.",
        "The slope for x is 1 / y, the one for y is -x / y**2.",
    ],
    misconceptions=[
        Slip("The slope for y has the wrong sign: with a larger divisor the quotient of two "
             "positive numbers gets smaller, so there is a minus.", "-x / y**2", "x / y**2"),
        Slip("The slope for y is that of 1 / y alone: x stands above the line, too.",
             "-x / y**2", "-1 / y**2"),
        Slip("The slope for y is divided by y once; it is -x / y², for y⁻¹ has the slope -y⁻².",
             "-x / y**2", "-x / y"),
        Slip("A product passes on the other factor. Here x is multiplied by 1 / y, not by y.",
             "1 / y, -x", "y, -x"),
        Slip("The slope for y is that of the product, x. y stands below the line: take the slope "
             "of x · y⁻¹.", "-x / y**2", "x"),
        Slip("The slope for x is not 1: keep y fixed, and x / y is x times 1 / y.",
             "1 / y, -x", "1.0, -x"),
        Slip("The slope for x holds x itself. With y fixed, x / y is a straight line in x, and its "
             "slope is 1 / y.", "1 / y, -x", "x / y, -x"),
        Slip("log was differentiated: the slope of 1 / y is -1 / y², the slope of log y is 1 / y.",
             "-x / y**2", "x / y"),
    ],
    variants=[lambda x, y: (x * y**-1, y**-1, -(x / y) / y)],
)  # fmt: skip


def pass_back(node, gradient):
    """Add `gradient` to node.grad, and pass it on to everything that node was computed from.

    node is a Number; node.inputs holds pairs (operand, local slope). Returns nothing.
    """
    node.grad += gradient
    for operand, slope in node.inputs:
        pass_back(operand, gradient * slope)


def _used_twice(x, a):
    """y is computed and used twice: gradients arrive at it twice."""
    numbers = {"x": Number(x), "a": Number(a)}
    numbers["y"] = numbers["x"] * numbers["a"]
    numbers["u"] = numbers["y"] * numbers["y"]
    numbers["v"] = numbers["y"] * numbers["x"]
    numbers["L"] = numbers["u"] + numbers["v"]
    return numbers


def _gradients_passed_back(pass_back, x, a):
    numbers = _used_twice(x, a)
    pass_back(numbers["L"], 1.0)
    return {name: node.grad for name, node in numbers.items()}


def _pass_back_with_a_list(node, gradient):
    waiting = [(node, gradient)]
    while waiting:
        node, gradient = waiting.pop()
        node.grad = node.grad + gradient
        waiting.extend((operand, slope * gradient) for operand, slope in node.inputs)


passing = Exercise(
    "9.2",
    pass_back,
    returns="gradients",
    inputs=arrays(x=number, a=number),
    run=_gradients_passed_back,
    hints=[
        "When pass_back is called for the second time for the same number, what has it passed on "
        "already? And what is new?",
        "Only what has just come in, `gradient`, is new. node.grad holds the old part as well.",
        "Two things to do: add `gradient` to node.grad, and call pass_back for each operand, with "
        "what comes in times the slope of that arrow.",
    ],
    misconceptions=[
        Slip("The bug is still there: what is passed on is node.grad, all that has come in so far. "
             "At the second visit the first part is passed on once more. Pass on what is new.",
             "gradient * slope", "node.grad * slope"),
        Slip("Each gradient replaces the one before it. A number that is used twice gets two "
             "parts: add them, with +=.", "+=", "="),
        Slip("The slope along the arrow is missing: an operand gets gradient * slope.",
             "gradient * slope", "gradient"),
        Slip("What comes in was left out: an operand gets gradient * slope.",
             "gradient * slope", "slope"),
        Slip("Along an arrow slopes are multiplied, not added.",
             "gradient * slope", "gradient + slope"),
        Slip("The operand's own value was passed on. The pairs in inputs hold the slope.",
             "gradient * slope", "gradient * operand.data"),
        Slip("Only the last number's operands have a gradient: each of them must pass it on to its "
             "own operands.", "pass_back(operand, gradient * slope)",
             "operand.grad += gradient * slope"),
        Slip("Nothing is passed on before something is added: node.grad += gradient is missing, so "
             "all gradients stay 0.", "node.grad += gradient", "pass"),
        Slip("The numbers that were computed have passed on what came in and kept nothing. Every "
             "number has a gradient: add it before you look at node.inputs.",
             "node.grad += gradient", "node.grad += 0 if node.inputs else gradient"),
        Slip("gradient itself was multiplied in the loop, so the second operand gets the first "
             "one's slope, too. Pass on gradient * slope, and leave gradient as it is.",
             "pass_back(operand, gradient * slope)",
             "gradient = gradient * slope\n        pass_back(operand, gradient)"),
        Slip("Only the first gradient that comes in is passed on, the later ones stop here: each "
             "of them must be passed on.", "node.grad += gradient",
             "first = node.grad == 0\n    node.grad += gradient", "in node.inputs",
             "in node.inputs if first else ()"),
        Slip("Only the last of the operands was visited. Is the call inside the loop?",
             "in node.inputs", "in node.inputs[-1:]"),
        Slip("Only the first of the operands was visited. Does something return inside the loop?",
             "in node.inputs", "in node.inputs[:1]"),
    ],
    variants=[_pass_back_with_a_list],
)  # fmt: skip


def topological_order(end):
    """All numbers that `end` was computed from, each after its operands; `end` is the last.

    end.inputs holds pairs (operand, local slope), and so on back to the leaves, whose inputs are
    empty. Returns a list in which each number stands once. Works for graphs of any depth.
    """
    order, seen, waiting = [], set(), [(end, False)]
    while waiting:
        node, operands_are_there = waiting.pop()
        if operands_are_there:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            waiting.append((node, True))
            for operand, _ in node.inputs:
                waiting.append((operand, False))
    return order


class Named:
    """Something with a name and inputs, of which an order can be made."""

    def __init__(self, name):
        self.name, self.inputs = name, ()

    def __repr__(self):
        return self.name


class EveryPath(Exception):
    """Raised where a graph is walked through along every path, which would take too long."""


class Watched(tuple):
    """The inputs of a number: too many looks at them in one graph raise EveryPath."""

    def __new__(cls, inputs, looks):
        watched = super().__new__(cls, inputs)
        watched.looks = looks  # a list, common to the graph, that grows with each look
        return watched

    def __iter__(self):
        self.looks.append(1)
        if len(self.looks) > 100_000:
            raise EveryPath
        return super().__iter__()


def _graph(rng, kind="a few", length=7):
    """{name: names of its operands}. The last is the end, and one is not on the way to it."""
    if kind == "deep":
        return {"graph": {f"n{i}": [f"n{i - 1}"] * (i > 0) for i in range(5000)}}
    if kind == "doublings":
        return {"graph": {f"n{i}": [f"n{i - 1}"] * 2 * (i > 0) for i in range(30)}}
    graph = {"x": [], "w": [], "elsewhere": ["x"]}
    for i in range(length):
        before = [name for name in graph if name != "elsewhere"]
        far, near = before[rng.integers(len(before))], before[-1]
        graph[f"n{i}"] = [near, far] if rng.integers(2) else [far, near]
    return {"graph": graph}


def _ordered(topological_order, graph):
    nodes, looks = {name: Named(name) for name in graph}, []
    for name, operands in graph.items():
        nodes[name].inputs = Watched([(nodes[operand], 1.0) for operand in operands], looks)
    try:
        order = topological_order(nodes[list(graph)[-1]])
    except RecursionError:  # no matter how it was right elsewhere
        return "too deep: RecursionError", None
    except EveryPath:
        return "too long: along every path", None
    if isinstance(order, set):
        return "a set", None
    if not isinstance(order, (list, tuple)):
        return order, None
    if not all(isinstance(n, Named) for n in order):
        return [repr(entry) for entry in order], None
    place = {node: i for i, node in enumerate(order)}
    early = sum(
        place.get(operand, -1) > i for i, node in enumerate(order) for operand, _ in node.inputs
    )
    return sorted(node.name for node in order), early


def _by_counting(end):
    """From end to the leaves: a number's turn comes when all its uses have had theirs."""
    uses, found = {end: 0}, [end]
    for node in found:
        for operand, _ in node.inputs:
            if operand not in uses:
                uses[operand] = 0
                found.append(operand)
            uses[operand] += 1
    order, ready = [], [end]
    while ready:
        order.append(ready.pop())
        for operand, _ in order[-1].inputs:
            uses[operand] -= 1
            if uses[operand] == 0:
                ready.append(operand)
    return order[::-1]


def _by_recursion(end):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for operand, _ in node.inputs:
                visit(operand)
            order.append(node)

    visit(end)
    return order


def _along_every_path(end):
    order, waiting = [], [(end, False)]
    while waiting:
        node, operands_are_there = waiting.pop()
        if not operands_are_there:
            waiting.append((node, True))
            waiting.extend((operand, False) for operand, _ in node.inputs)
        elif node not in order:
            order.append(node)
    return order


ordering = Exercise(
    "9.3",
    topological_order,
    returns=("the numbers in the list, sorted by name", "how often a number stands too early"),
    inputs=_graph,
    sizes=[{"kind": "deep"}, {"kind": "doublings"}],
    run=_ordered,
    hints=[
        "Each number is met twice: first to put its operands on the list of what is waiting, "
        "then, when they are all in the order, to be put there itself.",
        "Let waiting hold pairs (node, operands_are_there). What is taken last from a list, with "
        "waiting.pop(), was put there last: so put (node, True) there before its operands. And "
        "keep a set of those whose operands were put there, to do it once only.",
        "if operands_are_there: order.append(node). Else, if it was not seen: remember it, append "
        "(node, True), then (operand, False) for each operand.",
    ],
    misconceptions=[
        Misconception("On a graph that is 5,000 operations deep Python stops a function that calls "
                      "itself. Keep what is waiting in a list instead.", _by_recursion),
        Misconception("It walks along every path, and a number that is used twice doubles the "
                      "paths: after 30 doublings there are more than 500 million. Remember the "
                      "numbers that were taken apart already, and skip them.", _along_every_path),
        Slip("A number is marked as seen when it is put to wait. Then it stays where it was put "
             "first, and may come too late for one that needs it. Mark it when you take it out.",
             "elif node not in seen:", "else:",
             "waiting.append((operand, False))",
             "if operand not in seen:\n                    seen.add(operand)\n"
             "                    waiting.append((operand, False))"),
        Slip("The list holds pairs: append the number alone.",
             "order.append(node)", "order.append((node, operands_are_there))"),
        Slip("A set keeps no order: return a list.", "return order", "return set(order)"),
        Slip("The order is the other way round: the operands come before what is computed from "
             "them, and end is the last.", "return order", "return order[::-1]"),
        Slip("A number that is used twice stands twice in the list: remember which ones you have "
             "seen.", "seen.add(node)", "pass"),
        Slip("Each number went into the order as soon as it was met, before its operands. Put it "
             "back to wait, and append it when they are all there.",
             "seen.add(node)", "seen.add(node)\n            order.append(node)",
             "        if operands_are_there:\n            order.append(node)",
             "        if operands_are_there:\n            pass"),
        Slip("The order was made from end on and then turned round. A number may be met early by "
             "a short way, and then be needed by one that is met later: append each only when its "
             "operands are there.",
             "        if operands_are_there:\n            order.append(node)",
             "        if operands_are_there:\n            pass",
             "seen.add(node)", "seen.add(node)\n            order.insert(0, node)"),
        Slip("end itself is missing: it is the last one.", "return order", "return order[:-1]"),
        Slip("The leaves are missing: they need a gradient more than all others.",
             "order.append(node)", "order += [node] if node.inputs else []"),
        Slip("Only one of the operands was followed. Put all of node.inputs there.",
             "in node.inputs", "in node.inputs[:1]"),
        Slip("Only one of the operands was followed. Put all of node.inputs there.",
             "in node.inputs", "in node.inputs[-1:]"),
    ],
    variants=[_by_counting],
    errors={
        "not iterable": "node.inputs is a tuple of pairs (operand, slope), empty for a leaf.",
        "has no attribute 'inputs'": "This is a pair: node.inputs holds pairs (operand, slope), "
        "and so may what waits. Take each pair apart.",
        "has no attribute 'data'": "Two numbers may hold the same value: remember the numbers "
        "themselves, not what they hold.",
    },
)  # fmt: skip


def backward(end):
    """Leave in the .grad of each number that `end` was computed from the slope of `end` for it.

    The gradients of leaves, whose inputs are empty, are added to what they hold already. Those of
    computed numbers start anew. end.grad is 1. Returns nothing.
    """
    order = topological_order(end)
    for node in order:
        if node.inputs:
            node.grad = 0.0
    end.grad = 1.0
    for node in reversed(order):
        for operand, slope in node.inputs:
            operand.grad += node.grad * slope


def _gradients_of(numbers):
    return {name: node.grad for name, node in numbers.items()}


def _doublings(x, a):
    """The last of 30 sums has 2**30 paths to x."""
    numbers = {"x": Number(x)}
    for i in range(30):
        before = numbers[list(numbers)[-1]]
        numbers[f"y{i}"] = before + before
    numbers["L"] = numbers[list(numbers)[-1]] * Number(a)
    looks = []
    for node in numbers.values():
        node.inputs = Watched(node.inputs, looks)
    return numbers


def _numbers(rng, kind="a few"):
    return {"x": number(rng), "a": number(rng), "kind": kind}


def _gradients_after_two(backward, x, a, kind):
    numbers = _used_twice(x, a) if kind == "a few" else _doublings(x, a)
    try:
        backward(numbers["L"])
        first = _gradients_of(numbers)
        backward(numbers["L"])
    except EveryPath:
        return "too long: along every path", None
    return first, _gradients_of(numbers)


def _backward_along_every_path(end):
    for node in topological_order(end):
        if node.inputs:
            node.grad = 0.0
    pass_back(end, 1.0)


def _backward_by_a_dict(end):
    gradients = {end: 1.0}
    for node in topological_order(end)[::-1]:
        if node.inputs:
            node.grad = gradients[node]
        else:
            node.grad = node.grad + gradients[node]
        for operand, slope in node.inputs:
            gradients[operand] = gradients.get(operand, 0.0) + slope * gradients[node]


START = "if node.inputs:\n            node.grad = 0.0"
way_back = Exercise(
    "9.4",
    backward,
    returns=("gradients", "gradients after a second backward"),
    inputs=_numbers,
    sizes=[{"kind": "doublings"}],
    run=_gradients_after_two,
    hints=[
        "When a number's turn comes, everything that it was used for must have had its turn. "
        "Which way through the topological order is that?",
        "Before you start: end.grad = 1, and what was computed gets 0. A leaf keeps what it has.",
        "for node in reversed(order): for operand, slope in node.inputs: operand.grad += "
        "node.grad * slope.",
    ],
    misconceptions=[
        Slip("An operand's gradient is overwritten. What is used twice gets two parts: +=.",
             "+= node.grad", "= node.grad"),
        *(Slip("Only the operands of end have a gradient. The way back begins at end and goes "
               "through the whole order: reversed(order).", "reversed(order)", instead)
          for instead in ("order", "[end]")),
        Slip("end.grad must be 1 at the start: with 0 everything stays 0.",
             "end.grad = 1.0", "end.grad = 0.0"),
        Slip("After a second backward the computed numbers hold the sum of both, and pass it on: "
             "the leaves get more than twice their gradient. Computed numbers start from 0.",
             START, "pass"),
        Slip("The gradients of the leaves are lost at a second backward. Only what was computed "
             "starts from 0; a leaf keeps what it has, and adds.", "if node.inputs:", "if True:"),
        Slip("The wrong ones start from 0: a leaf, whose inputs are empty, keeps what it has; what "
             "was computed starts anew.", "if node.inputs:", "if not node.inputs:"),
        Misconception("It walks along every path: after 30 doublings there are more than a "
                      "thousand million. Go through the order once, from its end: what has come "
                      "in at a number by then is all of it.", _backward_along_every_path),
        Slip("A computed number is set to 0 when a part arrives, so the parts before it are lost. "
             "Set all of them to 0 before you start.", START, "pass",
             "operand.grad += node.grad * slope",
             "operand.grad = node.grad * slope + (0 if operand.inputs else operand.grad)"),
        Slip("The slope along the arrow is missing: an operand gets node.grad * slope.",
             "node.grad * slope", "node.grad"),
        Slip("node.grad was left out: an operand gets node.grad * slope.",
             "+= node.grad * slope", "+= slope"),
        Slip("Along an arrow slopes are multiplied, not added.",
             "node.grad * slope", "node.grad + slope"),
    ],
    variants=[_backward_by_a_dict],
)  # fmt: skip


def sum_to(gradient, shape):
    """Undo broadcasting: the gradient of an array of this shape that was broadcast.

    gradient has the shape of the result, which broadcasting made from `shape`: with further axes
    in front, and with axes of length 1 stretched. Returns an array of shape `shape`.
    """
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=0)
    for axis, length in enumerate(shape):
        if length == 1:
            gradient = gradient.sum(axis=axis, keepdims=True)
    return gradient


def _broadcast(rng, N=5, D=4, kind=0):
    """kind says which axes are missing or stretched; numbers above zero never add up to 0."""
    shape, full = [
        ((D,), (N, D)),
        ((N, 1), (2, N, D)),
        ((1, D), (N, D)),
        ((N, D), (N, D)),
        ((1, 1), (N, D)),
        ((), (N, D)),
        ((2, 1, D), (2, N, D)),
        ((D,), (2, N, D)),
    ][kind % 8]
    return {"gradient": rng.uniform(0.5, 2, size=full), "shape": shape}


def _sum_to_at_once(gradient, shape):
    new = gradient.ndim - len(shape)
    stretched = [new + i for i, length in enumerate(shape) if length == 1]
    return gradient.sum(axis=(*range(new), *stretched)).reshape(shape)


broadcasting = Exercise(
    "9.5",
    sum_to,
    returns="gradient",
    inputs=_broadcast,
    sizes=[{"kind": kind} for kind in range(1, 8)],
    hints=[
        "A number that was used in many places gets the sum of their gradients. Which axes did "
        "broadcasting add, or stretch?",
        "First the axes in front: as long as gradient has more axes than shape, sum over axis 0.",
        "Then each axis where shape has a 1: gradient.sum(axis=axis, keepdims=True), so that the "
        "axis stays, with length 1.",
    ],
    misconceptions=[
        Slip("The mean was taken. A number that is used N times gets the sum of N gradients; if "
             "the loss is a mean, its 1/N is in there already.",
             "gradient.sum(axis=0)", "gradient.mean(axis=0)",
             "gradient.sum(axis=axis, keepdims=True)", "gradient.mean(axis=axis, keepdims=True)"),
        Slip("Only the first of the copies was taken. Each of them has its own gradient: sum over "
             "the axis.", "gradient.sum(axis=0)", "gradient[0]",
             "gradient.sum(axis=axis, keepdims=True)", "gradient.take([0], axis=axis)"),
        Slip("The axes in front are gone, and those of length 1 are still stretched: sum over "
             "every axis where shape has a 1, with keepdims=True.", "length == 1", "False"),
        Slip("The axes in front are still there. As long as gradient has more axes than shape, sum "
             "over axis 0.", "while gradient.ndim > len(shape)", "while False"),
        Slip("After a sum the next axis in front is axis 0 again: sum over axis 0 each time.",
             "while gradient.ndim > len(shape):",
             "for axis in range(gradient.ndim - len(shape)):",
             "gradient.sum(axis=0)", "gradient.sum(axis=-axis)"),
        Slip("Broadcasting puts new axes in front. The last axes were summed instead.",
             "gradient.sum(axis=0)", "gradient.sum(axis=-1)"),
        Slip("The shape fits, and nothing was added: reshape or resize only moves numbers, or "
             "throws some away. Sum over the axes that were stretched.",
             "return gradient", "return np.resize(gradient, shape)",
             "while gradient.ndim > len(shape)", "while False", "length == 1", "False"),
        Slip("All was summed. Only the axes that broadcasting made are: those in front, and those "
             "where shape has a 1.", "return gradient",
             "return np.broadcast_to(gradient.sum(), shape)"),
    ],
    variants=[_sum_to_at_once],
    errors={
        "out of bounds": "After a sum without keepdims=True the axis is gone, and the next ones "
        "have other numbers: of the axes in front, the next one is axis 0 again.",
        "reshape": "A reshape keeps how many numbers there are. Sum first.",
    },
)  # fmt: skip


def put_back(g, index, shape):
    """The gradient of x, of shape `shape`, from g, the gradient of x[index].

    index is a list of rows of x, and may name a row more than once; g has a row for each entry
    of index. Returns an array of shape `shape`.
    """
    gradient = np.zeros(shape)
    np.add.at(gradient, index, g)
    return gradient


def _rows(rng, N=5, D=4):
    index = [int(i) for i in rng.integers(N - 1, size=N + 2)]
    index[-1] = index[0]  # one at least is taken twice
    return {"g": rng.uniform(0.5, 2, size=(N + 2, D)), "index": index, "shape": (N, D)}


def _row_by_row(g, index, shape):
    gradient = np.zeros(shape)
    for row, i in zip(g, index, strict=True):
        gradient[i] += row
    return gradient


indexing = Exercise(
    "9.6",
    put_back,
    returns="gradient",
    inputs=_rows,
    hints=[
        "Row 2 of x was taken twice. How many rows of g belong to it?",
        "gradient[index] = g writes twice to the same row, and the last one stays. With += NumPy "
        "reads all the old values first, adds, and then writes: again the last one stays.",
        "A loop over index adds row by row. np.add.at(gradient, index, g) does it at once.",
    ],
    misconceptions=[
        *(Slip("The bug is still there: a row that was taken twice keeps only its last gradient. "
               "In a loop over the rows, write += in place of =. Without a loop += is not "
               "enough, for NumPy reads all rows, adds, and then writes all of them: "
               "np.add.at adds each.", "np.add.at(gradient, index, g)", instead)
          for instead in ("gradient[index] = g", "gradient[index] += g")),
        Misconception("The first gradient of each row was kept, the others were left out. Add "
                      "them all.", lambda g, index, shape: np.array(
                          [g[index.index(i)] if i in index else 0 * g[0]
                           for i in range(shape[0])])),
        Slip("g was taken by index: the rows of g stand in the order of index already. The rows "
             "of gradient are the ones to be chosen.",
             "np.add.at(gradient, index, g)",
             "for i in index:\n        gradient[i] += g[i]"),
        Slip("The mean of a row's gradients was taken. Used twice means: add.",
             "return gradient",
             "return gradient / np.maximum(np.bincount(index, minlength=shape[0]), 1)[:, None]"),
        Slip("All of g was added to each row that was taken: each entry of index has its own row "
             "of g.", "np.add.at(gradient, index, g)", "gradient[index] = g.sum(axis=0)"),
        Slip("The gradients went into the first rows, one after the other. index says which row "
             "each of them belongs to.",
             "np.add.at(gradient, index, g)", "gradient[:] = g[: len(gradient)]"),
    ],
    errors={
        "is out of bounds": "g[n] belongs to row index[n] of x: count the rows of g with n, and "
        "add to gradient[index[n]].",
    },
    variants=[_row_by_row, lambda g, index, shape: np.eye(shape[0])[index].T @ g],
)  # fmt: skip


EXERCISES = [division, passing, ordering, way_back, broadcasting, indexing]
