"""An exception in the learner's words: what is said of code that raises, as a table."""

import ast
import linecache
import math
import re
import textwrap

import numpy as np
import pytest

from course_utils.exercises import errors


def dense(x, W):
    """A function of the lesson, defined in another cell."""
    return x @ W


class Odd:
    def __repr__(self):
        raise ValueError

    def __hash__(self):
        return 1


class Layer:
    def __init__(self):
        self.W = np.ones((2, 3))


def raised(body):
    """The exception of a function with this body, and the file that holds it."""
    source = f"\n\ndef answer(x, W, b, params, n, rate, layer):\n{textwrap.indent(body, '    ')}\n"
    file = "<a cell of the tests of errors>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace = {"np": np, "math": math, "dense": dense, "Odd": Odd}
    exec(compile(source, file, "exec"), namespace)
    arrays = np.ones((4, 3)), np.ones((2, 3)), np.ones(3)
    params = {"W1": np.ones((2, 3)), "b1": np.ones(3)}
    try:
        namespace["answer"](*arrays, params, 5, 0.5, Layer())
    except Exception as error:
        return error, file
    raise AssertionError("nothing was raised")


def said(body):
    return errors.explain(*raised(body))


# The body of a function, and the first sentence about what it raises. The function has
# x (4, 3), W (2, 3), b (3,), params with "W1" and "b1", n = 5, rate = 0.5, and a layer with a W.
TABLE = [
    # products
    ("return x @ W",
     "`x @ W` does not fit: x has shape (4, 3) and W has shape (2, 3). In a product the inner "
     "two must agree, and here 3 meets 2."),
    ("return np.dot(x, W)",
     "`np.dot(x, W)` does not fit: x has shape (4, 3) and W has shape (2, 3). In a product "
     "the inner two must agree, and here 3 meets 2."),
    ("return np.matmul(x, W)",
     "`np.matmul(x, W)` does not fit: x has shape (4, 3) and W has shape (2, 3). In a product "
     "the inner two must agree, and here 3 meets 2."),
    ("return x.dot(W)",
     "`x.dot(W)` does not fit: x has shape (4, 3) and W has shape (2, 3). In a product the "
     "inner two must agree, and here 3 meets 2."),
    ("return x @ b[:2]",
     "`x @ b[:2]` does not fit: x has shape (4, 3) and b[:2] has shape (2,). In a product the "
     "inner two must agree, and here 3 meets 2."),
    ("return b[:2] @ x.T",
     "`b[:2] @ x.T` does not fit: b[:2] has shape (2,) and x.T has shape (3, 4). In a product "
     "the inner two must agree, and here 2 meets 3."),
    ("x @= W",
     "`x @= W` does not fit: x has shape (4, 3) and W has shape (2, 3). In a product the "
     "inner two must agree, and here 3 meets 2."),
    ("return x @ n", "`x @ n`: x has shape (4, 3) and n is 5, and a product takes two arrays."),
    ("return n @ x", "`n @ x`: n is 5 and x has shape (4, 3), and a product takes two arrays."),
    ("return np.matmul(rate, x)",
     "`np.matmul(rate, x)`: rate is 0.5 and x has shape (4, 3), and a product takes two "
     "arrays."),
    ("return x @ x.tolist()",
     "`x @ x.tolist()`: x has shape (4, 3) and x.tolist() is a list of 4, and a product takes "
     "two arrays."),
    ("return [3].pop() @ x",
     "ValueError: matmul: Input operand 0 does not have enough dimensions (has 0, needs 1)"),
    ("return dense(x, W)",
     "`dense(x, W)` cannot work with what it is given: x has shape (4, 3) and W has shape (2, "
     "3)."),
    ("return dense(x, [3].pop())",
     "ValueError: matmul: Input operand 1 does not have enough dimensions (has 0, needs 1)"),
    ("return dense(*[x, W])",
     "ValueError: matmul: Input operand 1 has a mismatch in its core dimension 0"),
    ("return np.ones((2, 4, 3)) @ np.ones((3, 3, 2))",
     "`np.ones((2, 4, 3)) @ np.ones((3, 3, 2))` does not fit: np.ones((2, 4, 3)) has shape "
     "(2, 4, 3) and np.ones((3, 3, 2)) has shape (3, 3, 2). Shapes are compared from the "
     "right, and here 2 meets 3."),
    # shapes that meet
    ("return x + W",
     "`x + W` does not fit: x has shape (4, 3) and W has shape (2, 3). Shapes are compared "
     "from the right, and here 4 meets 2."),
    ("return x - W[0][:2]",
     "`x - W[0][:2]` does not fit: x has shape (4, 3) and W[0][:2] has shape (2,). Shapes are "
     "compared from the right, and here 3 meets 2."),
    ("x += W",
     "`x += W` does not fit: x has shape (4, 3) and W has shape (2, 3). Shapes are compared "
     "from the right, and here 4 meets 2."),
    ("return x * W",
     "`x * W` does not fit: x has shape (4, 3) and W has shape (2, 3). Shapes are compared "
     "from the right, and here 4 meets 2."),
    ("return x * W.T",
     "`x * W.T` does not fit: x has shape (4, 3) and W.T has shape (3, 2). Shapes are "
     "compared from the right, and here 3 meets 2. The matrix product is written @."),
    ("return x * np.ones((1, 4, 4))",
     "`x * np.ones((1, 4, 4))` does not fit: x has shape (4, 3) and np.ones((1, 4, 4)) has "
     "shape (1, 4, 4). Shapes are compared from the right, and here 3 meets 4."),
    ("return x < W",
     "`x < W` does not fit: x has shape (4, 3) and W has shape (2, 3). Shapes are compared "
     "from the right, and here 4 meets 2."),
    ("return np.maximum(x, W)",
     "`np.maximum(x, W)` does not fit: x has shape (4, 3) and W has shape (2, 3). Shapes are "
     "compared from the right, and here 4 meets 2."),
    ("x[0] = np.ones(5)",
     "`x[0] = np.ones(5)`: shape (5,) does not fit into the place of shape (3,)."),
    ("x[:, b > 0] = np.ones((2, 1))",
     "`x[:, b > 0] = np.ones((2, 1))`: shape (2,1) does not fit into the place of shape (4,3)."),
    ("return np.pad(W, ((1, 1), (1, 1), (1, 1)))",
     "`return np.pad(W, ((1, 1), (1, 1), (1, 1)))`: shape (3,2) does not fit into the place "
     "of shape (2,2)."),
    ("return np.broadcast_to(x, (2, 2))",
     "`return np.broadcast_to(x, (2, 2))`: shape (4,3) does not fit into the place of shape "
     "(2,2)."),
    ("return np.where(b > 0, x, W)",
     "`np.where(b > 0, x, W)` does not fit: b > 0 has shape (3,), x has shape (4, 3) and W "
     "has shape (2, 3)."),
    ("return x + [W].pop()",
     "ValueError: operands could not be broadcast together with shapes (4,3) (2,3)"),
    ("return np.concatenate([x, b])",
     "`np.concatenate([x, b])`: x has shape (4, 3) and b has shape (3,), and all axes but the "
     "one they join on must agree."),
    ("return np.concatenate([x, W], axis=1)",
     "`np.concatenate([x, W], axis=1)`: x has shape (4, 3) and W has shape (2, 3), and all "
     "axes but the one they join on must agree."),
    ("return np.stack([x, W])",
     "`np.stack([x, W])`: x has shape (4, 3) and W has shape (2, 3), and all axes must agree."),
    ("return np.stack([[x].pop(), W])", "ValueError: all input arrays must have the same shape"),
    ("return x.reshape(5, -1)",
     "`x.reshape(5, -1)`: x has shape (4, 3), that is 12 numbers, and the shape (5, -1) takes "
     "a multiple of 5."),
    ("return x.reshape(5, 4)",
     "`x.reshape(5, 4)`: x has shape (4, 3), that is 12 numbers, and the shape (5, 4) takes "
     "20."),
    ("return np.reshape(x, (5, -1))",
     "`np.reshape(x, (5, -1))`: x has shape (4, 3), that is 12 numbers, and the shape (5, -1) "
     "takes a multiple of 5."),
    ("return x.reshape(7)",
     "`x.reshape(7)`: x has shape (4, 3), that is 12 numbers, and the shape (7,) takes 7."),
    ("return (x + 1).tolist().reshape(7)",
     "`(x + 1).tolist().reshape`: (x + 1).tolist() is a list of 4 and has no `reshape`."),
    ("return np.arange(n).reshape(2, -1, 2)",
     "`np.arange(n).reshape(2, -1, 2)`: np.arange(n) has shape (5,), that is 5 numbers, and "
     "the shape (2, -1, 2) takes a multiple of 4."),
    ("return np.reshape(x.tolist(), 7)",
     "`np.reshape(x.tolist(), 7)`: there are 12 numbers, and the shape (7,) takes 7."),
    ("x.shape = 5, 4", "`x.shape`: there are 12 numbers, and the shape (5, 4) takes 20."),
    # names
    ("return y",
     "There is no `y` here (NameError): the function sees its arguments and what the cells "
     "above define."),
    ("return exp(x)", "There is no `exp` here (NameError): NumPy has np.exp."),
    ("return wieghts",
     "There is no `wieghts` here (NameError): the function sees its arguments and what the "
     "cells above define."),
    ("return pramas", "There is no `pramas` here (NameError): is `params` meant?"),
    ("rates = 2\nreturn ratess", "There is no `ratess` here (NameError): is `rates` meant?"),
    ("return lne(x)", "There is no `lne` here (NameError): is `n` meant?"),
    ("total += 1",
     "`total` is used before anything is assigned to it in the function: is that line "
     "missing, or does it come later, or only within an `if` or a loop?"),
    ("if n > 9:\n    z = x\nreturn z",
     "`z` is used before anything is assigned to it in the function: is that line missing, or "
     "does it come later, or only within an `if` or a loop?"),
    ("return not_there.x",
     "There is no `not_there` here (NameError): the function sees its arguments and what the "
     "cells above define."),
    # attributes
    ("return x.T.foo", "`x.T.foo`: x.T has shape (3, 4) and has no `foo`."),
    ("return x.exp()", "`x.exp`: x has shape (4, 3) and has no `exp`: the function is np.exp(x)."),
    ("return x.summ()", "`x.summ`: x has shape (4, 3) and has no `summ`: is .sum meant?"),
    ("return np.summ(x)", "NumPy has no np.summ: is np.sum meant?"),
    ("return np.zzzzzzzz(x)", "NumPy has no np.zzzzzzzz."),
    ("return params.W", "`params.W`: params is a dict and has no `W`."),
    ("return n.shape", "`n.shape`: n is 5 and has no `shape`."),
    ("return layer.b", "`layer.b`: layer is a Layer and has no `b`."),
    ("self = layer\nreturn self.x",
     "`self.x` does not exist yet: does an earlier method keep it in self?"),
    ("return getattr(x, 'foo')", "AttributeError: 'numpy.ndarray' object has no attribute 'foo'"),
    ("return math.expo(x)", "`math.expo`: math is a module and has no `expo`."),
    # axes
    ("return x.sum(axis=2)",
     "`x.sum(axis=2)`: there is no axis 2, for the array has 2 axes, counted from 0."),
    ("return np.sum(x.sum(), axis=1)",
     "`np.sum(x.sum(), axis=1)`: there is no axis 1, for the array has no axis at all: it is "
     "one number."),
    ("return b.sum(axis=1)",
     "`b.sum(axis=1)`: there is no axis 1, for the array has 1 axis, counted from 0."),
    ("return x.mean(axis=-3)",
     "`x.mean(axis=-3)`: there is no axis -3, for the array has 2 axes, counted from 0."),
    # indices and keys
    ("return x[7]", "`x[7]`: the index 7 is too large, for axis 0 has 4 places, 0 to 3."),
    ("return x[-9]", "`x[-9]`: the index -9 is too small, for axis 0 has 4 places, 0 to 3."),
    ("return x[9:][0]", "`x[9:][0]`: the index 0 is too large, for axis 0 has 0 places."),
    ("return x[1, 2, 3]", "`x[1, 2, 3]`: x has shape (4, 3): fewer axes than indices."),
    ("return x[1.5]",
     "`x[1.5]`: x has shape (4, 3), and an index must be whole numbers, a mask or a slice."),
    ("return x['W']",
     "`x['W']`: x has shape (4, 3), and an index must be whole numbers, a mask or a slice."),
    ("return x[[True, False]]", "`x[[True, False]]`: x has shape (4, 3), the mask (2,)."),
    ("return x[np.array([True, False])]",
     "`x[np.array([True, False])]`: x has shape (4, 3), the mask (2,)."),
    ("return x[[1, 9]]", "`x[[1, 9]]`: the index 9 is too large, for axis 0 has 4 places, 0 to 3."),
    ("return [x, W][2]", "`[x, W][2]`: [x, W] has 2 entries, and there is no [2]."),
    ("return (x, W)[-3]", "`(x, W)[-3]`: (x, W) has 2 entries, and there is no [-3]."),
    ("return params['W2']", "`params['W2']`: there is no key 'W2', the keys are 'W1', 'b1'."),
    ("return params[Odd()]", "KeyError"),
    ("return params['a key that is very long, much longer than it need be']",
     "`params['a key that is very long, much longer than it need...`: there is no key 'a key "
     "that is very long, much longer th, the keys are 'W1', 'b1'."),
    ("return {i: i for i in range(12)}[12]",
     "`{i: i for i in range(12)}[12]`: there is no key 12, the keys are 0, 1, 2, 3, 4, 5, 6, "
     "7."),
    ("return params['W1'][0]['b']",
     "`params['W1'][0]['b']`: params['W1'][0] has shape (3,), and an index must be whole "
     "numbers, a mask or a slice."),
    ("return [1, 2][rate]", "TypeError: list indices must be integers or slices, not float"),
    ("return params[1:]",
     "`params[1:]`: params is a dict, which is asked by one key. Its keys are 'W1', 'b1'."),
    ("return params[x]",
     "`params[x]`: params is a dict, which is asked by one key. Its keys are 'W1', 'b1'."),
    ("return {'dW', x}",
     "`{'dW', x}`: an array can be no key of a dict and stand in no set. Is a `:` missing "
     "between key and value, or is [ ] meant in place of { }?"),
    ("return {x: 1}",
     "`{x: 1}`: an array can be no key of a dict and stand in no set. Is a `:` missing "
     "between key and value, or is [ ] meant in place of { }?"),
    ("return {{'a': x}}",
     "`{{'a': x}}`: a dict can be no key of a dict and stand in no set. Is a `:` missing "
     "between key and value, or is [ ] meant in place of { }?"),
    ("return {[1]: 1}",
     "`{[1]: 1}`: a list can be no key of a dict and stand in no set. Is a `:` missing "
     "between key and value, or is [ ] meant in place of { }?"),
    # whole numbers
    ("return range(len(x) / 2)",
     "`range(len(x) / 2)` needs whole numbers, and len(x) / 2 is 2.0: // divides without a "
     "rest, int(...) leaves the fraction off."),
    ("return np.zeros(len(x) / 2)",
     "`np.zeros(len(x) / 2)` needs whole numbers, and len(x) / 2 is 2.0: // divides without a "
     "rest, int(...) leaves the fraction off."),
    ("return np.zeros((n, len(x) / 2))",
     "`np.zeros((n, len(x) / 2))` needs whole numbers, and len(x) / 2 is 2.0: // divides "
     "without a rest, int(...) leaves the fraction off."),
    ("return np.ones([rate, 3])",
     "`np.ones([rate, 3])` needs whole numbers, and rate is 0.5: // divides without a rest, "
     "int(...) leaves the fraction off."),
    ("return np.zeros(x[0, 0])",
     "`np.zeros(x[0, 0])` needs whole numbers, and x[0, 0] is 1.0: // divides without a rest, "
     "int(...) leaves the fraction off."),
    ("return x.sum(axis='rows')", "TypeError: 'str' object cannot be interpreted as an integer"),
    ("for i in range(rate):\n    pass",
     "`range(rate)` needs whole numbers, and rate is 0.5: // divides without a rest, int(...) "
     "leaves the fraction off."),
    ("return np.max(x, b)",
     "`np.max(x, b)`: the second argument of np.max is an axis. np.maximum compares two "
     "arrays, number by number."),
    ("return np.min(b, rate)",
     "`np.min(b, rate)`: the second argument of np.min is an axis. np.minimum compares two "
     "arrays, number by number."),
    ("return np.concatenate(x, W)",
     "`np.concatenate(x, W)`: the arrays go into one list, np.concatenate([a, b]); what comes "
     "second is the axis."),
    ("return np.vstack(x, W)", "TypeError: vstack() takes 1 positional argument but 2 were given"),
    ("return np.zeros(2, 3)",
     "`np.zeros(2, 3)`: a shape has brackets of its own, np.zeros((2, 3))."),
    ("return np.ones(n, len(x))",
     "`np.ones(n, len(x))`: a shape has brackets of its own, np.ones((n, len(x)))."),
    # arguments
    ("return sum(x, axis=0)", "`sum(x, axis=0)`: Python's own sum knows no axis: np.sum does."),
    ("return max(x, axis=0)", "`max(x, axis=0)`: Python's own max knows no axis: np.max does."),
    ("return len(obj=x)", "TypeError: len() takes no keyword arguments"),
    ("return np.mean(x, keepdim=True)",
     "`np.mean(x, keepdim=True)`: mean has no argument keepdim: is keepdims meant?"),
    ("return np.mean(x, axes=1)",
     "`np.mean(x, axes=1)`: mean has no argument axes: is axis meant?"),
    ("return np.mean(x, wrong=True)", "`np.mean(x, wrong=True)`: mean has no argument wrong."),
    ("return np.average(x, weights=b)",
     "`np.average(x, weights=b)`: x has shape (4, 3) and b has shape (3,). The weights need "
     "the shape of what is averaged, or axis=... to say along which axis they go."),
    ("return np.average(x, axis=0, weights=b)",
     "`np.average(x, axis=0, weights=b)`: x has shape (4, 3) and b has shape (3,). The "
     "weights need the shape of what is averaged, or axis=... to say along which axis they go."),
    ("return np.average(x, None, b)",
     "TypeError: Axis must be specified when shapes of a and weights differ."),
    ("L = []\nL.append(x, W)",
     "`L.append(x, W)`: append adds one thing, and these are 2. As a pair they have brackets "
     "of their own: append((a, b))."),
    ("L = []\nL.append()", "`L.append()`: append needs the one thing that it adds."),
    ("def f(a):\n    return a\nreturn f()",
     "TypeError: f() missing 1 required positional argument: 'a'"),
    ("def f(a):\n    return a\nreturn f(1, b=2)", "`f(1, b=2)`: f has no argument b."),
    # einsum
    ("return np.einsum('ijk,jk->ik', x, W)",
     "`np.einsum('ijk,jk->ik', x, W)`: ijk stands for x, which has shape (4, 3): one letter "
     "for each axis."),
    ("return np.einsum('i,jk->ik', x, W)",
     "`np.einsum('i,jk->ik', x, W)`: i stands for x, which has shape (4, 3): one letter for "
     "each axis."),
    ("return np.einsum('ij,jk->ik', x, W)",
     "`np.einsum('ij,jk->ik', x, W)`: j is 3 in x and 2 in W."),
    ("return np.einsum('ij, kj -> ijl', x, W)",
     "`np.einsum('ij, kj -> ijl', x, W)`: l stands behind the arrow, and before it nowhere."),
    ("return np.einsum('ij,kj->ii', x, W)",
     "`np.einsum('ij,kj->ii', x, W)`: i stands behind the arrow twice."),
    ("return np.einsum('ij,kj->ik', x)",
     "`np.einsum('ij,kj->ik', x)`: letters for 2 arrays, and there come 1."),
    ("return np.einsum('...ijk,kj->ik', x, W)",
     "`np.einsum('...ijk,kj->ik', x, W)`: i stands behind the arrow, and before it nowhere."),
    ("return np.einsum('i!,kj->ik', x, W)",
     "ValueError: invalid subscript '!' in einstein sum subscripts string, subscripts must be "
     "letters"),
    # None
    ("return np.log(None)", "`np.log(None)`: None is None."),
    ("y = None\nreturn np.exp(y)", "`np.exp(y)`: y is None."),
    ("return np.exp([None])", "`np.exp([None])`: there is a None among the values."),
    ("return None + x", "`None + x`: None is None and x has shape (4, 3)."),
    ("y = None\nreturn y * 2", "`y * 2`: y is None."),
    ("y = None\nreturn -y", "`-y`: y is None."),
    ("y = None\ny += 1", "`y += 1`: y is None."),
    ("y = None\nreturn y[0]", "`y[0]`: y is None, which has no [ ]."),
    ("y = None\nreturn y.T", "`y.T`: y is None and has no `T`."),
    ("for i in None:\n    pass", "`for i in None:`: None has no entries to go through."),
    ("a, c = None", "`a, c = None`: None cannot be shared out to several names."),
    ("return len(None)", "`len(None)`: None has no length."),
    # not callable, no [ ], not iterable
    ("return x(3)",
     "`x(3)` calls x, which has shape (4, 3) and is no function: is an operator or a [ ] "
     "missing?"),
    ("return n(x + 1)",
     "`n(x + 1)` calls n, which is 5 and is no function: is an operator or a [ ] missing?"),
    ("return x.shape(0)",
     "`x.shape(0)` calls x.shape, which is a tuple of 2 and is no function: is an operator or "
     "a [ ] missing?"),
    ("y = None\nreturn y(3)",
     "`y(3)` calls y, which is None and is no function: is an operator or a [ ] missing?"),
    ("return len[x]", "`len[x]`: len is a function, which has no [ ]."),
    ("return n[0]", "`n[0]`: n is 5, which has no [ ]."),
    ("for i in n:\n    pass",
     "`for i in n:`: one number has no entries to go through. range(n) counts up to n."),
    ("return list(rate)", "`list(rate)`: one number has no entries to go through."),
    ("return zip(n, 4)",
     "`zip(n, 4)`: one number has no entries to go through. range(n) counts up to n."),
    ("return len(n)", "`len(n)`: one number has no length."),
    ("return len(layer)", "`len(layer)`: a Layer has no length."),
    ("return list(layer)", "`list(layer)`: a Layer has no entries to go through."),
    ("return sum(x[0, 0])", "`sum(x[0, 0])`: one number has no entries to go through."),
    # unpacking
    ("a, c = b",
     "`a, c = b`: too many values to unpack (expected 2). How many things are there, and how "
     "many names?"),
    ("a, c = n", "`a, c = n`: one number cannot be shared out to several names."),
    ("a, c, d, e = b",
     "`a, c, d, e = b`: not enough values to unpack (expected 4, got 3). How many things are "
     "there, and how many names?"),
    ("for i, j in b:\n    pass",
     "`for i, j in b:`: one number cannot be shared out to several names."),
    ("N, D = x",
     "`N, D = x`: too many values to unpack (expected 2). How many things are there, and how "
     "many names?"),
    # types
    ("return x ^ 2.0", "`x ^ 2.0`: ^ is no power. A power is written x ** 2."),
    ("return rate ^ 2", "`rate ^ 2`: ^ is no power. A power is written x ** 2."),
    ("return [1] * [2]",
     "`[1] * [2]`: a list does no arithmetic. np.array(...) makes an array of it."),
    ("return [1] + 3", "`[1] + 3`: a list does no arithmetic. np.array(...) makes an array of it."),
    ("return [1] - [2]",
     "`[1] - [2]`: [1] is a list of 1 and [2] is a list of 1, and there is no arithmetic with "
     "that."),
    ("return 'a' + 1", "TypeError: can only concatenate str (not \"int\") to str"),
    ("return 'a' - x",
     "`'a' - x`: 'a' is the text 'a' and x has shape (4, 3), and there is no arithmetic with "
     "that."),
    ("return params + 1", "`params + 1`: params is a dict, and there is no arithmetic with that."),
    ("return len - 1", "`len - 1`: len is a function, and there is no arithmetic with that."),
    ("z = np.zeros(3, int)\nz += 0.5",
     "`z += 0.5`: an array of whole numbers cannot take fractions in place. Make it of floats."),
    ("z = np.zeros(3)\nz[0] = x",
     "`z[0] = x`: there is place for one number, and this is a whole array."),
    ("return np.array([[1], [1, 2]])",
     "`np.array([[1], [1, 2]])`: an array needs rows of one length, and these differ."),
    ("return np.exp('a')",
     "`np.exp('a')`: 'a' is the text 'a', and there is no arithmetic with that."),
    ("return x > 'a'",
     "`x > 'a'`: x has shape (4, 3) and 'a' is the text 'a', and there is no arithmetic with "
     "that."),
    ("if params > 2:\n    pass",
     "`params > 2`: params is a dict, and there is no arithmetic with that."),
    # one number at a time
    ("if x:\n    pass",
     "`if`, `and`, `or`, `max` and `min` take one number at a time: for whole arrays use a "
     "mask such as (x > 0), or x.max(axis=...)."),
    ("return max(x, W[0])",
     "`if`, `and`, `or`, `max` and `min` take one number at a time: for whole arrays use a "
     "mask such as (x > 0), or x.max(axis=...)."),
    ("return x and W",
     "`if`, `and`, `or`, `max` and `min` take one number at a time: for whole arrays use a "
     "mask such as (x > 0), or x.max(axis=...)."),
    ("return math.exp(x)",
     "`math.exp(x)`: one number is needed here, and this is a whole array. math's functions "
     "and float() take one number, NumPy's take arrays."),
    ("return float(x)",
     "`float(x)`: one number is needed here, and this is a whole array. math's functions and "
     "float() take one number, NumPy's take arrays."),
    ("z = np.zeros(3)\nz[0] = float(b)",
     "`float(b)`: one number is needed here, and this is a whole array. math's functions and "
     "float() take one number, NumPy's take arrays."),
    # whatever else
    ("raise ValueError('a')", "ValueError: a"),
    ("raise KeyError", "KeyError"),
    ("raise ValueError(Odd())", "ValueError"),
    ("return 1 / 0", "ZeroDivisionError: division by zero"),
    ("return int('a')", "ValueError: invalid literal for int() with base 10: 'a'"),
    ("return np.linalg.inv(W)", "LinAlgError: Last 2 dimensions of the array must be square"),
    ("return np.max([])",
     "ValueError: zero-size array to reduction operation maximum which has no identity"),
    ("return np.exp(x + x + x + x + x + x + x + x + x + x + x + x + x + x) @ W",
     "`np.exp(x + x + x + x + x + x + x + x + x + x + x + x + x ...` does not fit: np.exp(x + "
     "x + x + x + x + x + x + x + x + x + x + x + x ... has shape (4, 3) and W has shape (2, "
     "3). In a product the inner two must agree, and here 3 meets 2."),
    ("assert False", "AssertionError"),
    # what cannot be found out again
    ("return [1, 2].pop() + None",
     "TypeError: unsupported operand type(s) for +: 'int' and 'NoneType'"),
    ("return np.einsum('ij,j', x, [W].pop())",
     "ValueError: operand has more dimensions than subscripts given in einstein sum, but no "
     "'...' ellipsis provided to broadcast the extra dimensions."),
    ("return [None].pop()(3)", "TypeError: 'NoneType' object is not callable"),
    ("return [None].pop()[0]", "TypeError: 'NoneType' object is not subscriptable"),
    ("return [x].pop().foo", "`[x].pop().foo`: [x].pop() has shape (4, 3) and has no `foo`."),
    ("return [x].pop()[9]",
     "`[x].pop()[9]`: the index 9 is too large, for axis 0 has 4 places, 0 to 3."),
    ("return np.average(x, weights=[b].pop())",
     "TypeError: Axis must be specified when shapes of a and weights differ."),
    ("return [x].pop().reshape(7)",
     "`[x].pop().reshape(7)`: there are 12 numbers, and the shape (7,) takes 7."),
    ("return [x].pop().sum(axis=2)",
     "`[x].pop().sum(axis=2)`: there is no axis 2, for the array has 2 axes, counted from 0."),
    ("return np.exp([None].pop())", "`np.exp([None].pop())`: there is a None among the values."),
    ("return {'a': 1}[[2].pop()]", "`{'a': 1}[[2].pop()]`: there is no key 2, the keys are 'a'."),
    ("return dense(x, W=W)",
     "`dense(x, W=W)` cannot work with what it is given: x has shape (4, 3) and W has shape "
     "(2, 3)."),
    ("return dense(np.ones((2, 4, 3)), np.ones((2, 2)))",
     "`dense(np.ones((2, 4, 3)), np.ones((2, 2)))` cannot work with what it is given: "
     "np.ones((2, 4, 3)) has shape (2, 4, 3) and np.ones((2, 2)) has shape (2, 2)."),
    ("return np.linalg.multi_dot([x, W])",
     "ValueError: shapes (4,3) and (2,3) not aligned: 3 (dim 1) != 2 (dim 0)"),
    ("return np.einsum(x, [0, 1, 2], [0])",
     "ValueError: einstein sum subscripts string contains too many subscripts for operand 0"),
    ("return params.get(x)",
     "`params.get(x)`: an array can be no key of a dict and stand in no set."),
    ("return np.add(x, W, b)",
     "`np.add(x, W, b)` does not fit: x has shape (4, 3), W has shape (2, 3) and b has shape "
     "(3,)."),
    ("return x < W < n",
     "`x < W < n` does not fit: x has shape (4, 3), W has shape (2, 3) and n is 5."),
    ("b += x", "`b += x` does not fit: b has shape (3,) and x has shape (4, 3)."),
    ("a, b = np.ones((2, 4, 3)), np.ones((5, 3, 4))\nreturn a @ b",
     "`a @ b` does not fit: a has shape (2, 4, 3) and b has shape (5, 3, 4). Shapes are compared "
     "from the right, and here 2 meets 5."),
    ("y = None\nreturn x.dot(y)", "`x.dot(y)`: x has shape (4, 3) and y is None."),
    ("return x[np.array([0.5])]",
     "`x[np.array([0.5])]`: x has shape (4, 3), and an index must be whole numbers, a mask or a "
     "slice."),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize(("body", "sentence"), TABLE, ids=[body for body, _ in TABLE])
def test_what_is_said_of_code_that_raises(body, sentence):
    first, where = said(body)
    assert first == sentence
    assert re.match(r"Line \d+ of the cell: ", where)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_no_word_that_only_numpy_understands():
    for body, _ in TABLE:
        for sentence in said(body):
            for word in ("gufunc", "ufunc ", "<locals>", "newaxis", "->(", "dtype("):
                assert word not in sentence


def test_the_line_is_that_of_the_cell():
    _, where = said("y = x\nz = y @ W  # the product\nreturn z")
    assert where == "Line 5 of the cell: z = y @ W  # the product"


def test_a_function_of_the_cell_that_is_called_is_the_place():
    first, where = said("def inner(q):\n    return q @ W\nreturn inner(x)")
    assert first.startswith("`q @ W` does not fit: q has shape (4, 3) and W has shape (2, 3)")
    assert where == "Line 5 of the cell: return q @ W"


def test_an_error_from_elsewhere_has_no_line():
    error, _ = raised("return x @ W")
    assert errors.explain(error, "<another cell>") == [
        f"ValueError: {errors._plain(str(error))}",
    ]
    assert errors.explain(KeyError(), "<another cell>") == ["KeyError"]


def test_an_operand_that_changes_something_is_not_worked_out_again():
    for call in ("L.append(1)", "next(x)", "print(1)", "rng.shuffle(x)", "L.pop()"):
        place = errors._Place.of(*raised("L = [1, 2]\nreturn x @ W"))
        assert place.value(ast.parse(call, mode="eval").body) is errors.UNKNOWN
        assert place.names["L"] == [1, 2]


def test_a_message_that_cannot_be_had():
    class Silent(Exception):
        def __str__(self):
            raise RuntimeError

    assert errors.message(Silent()) == ""
    assert errors.explain(Silent(), "<a cell>") == ["Silent"]
    assert len(errors.message(ValueError("a" * 900))) == 500


def test_a_cell_that_cannot_be_read_still_has_its_line():
    error, file = raised("return x @ W")
    text = linecache.cache[file][2]
    linecache.cache[file] = (
        1,
        None,
        [line.replace("return", "return return") for line in text],
        file,
    )
    first, where = errors.explain(error, file)
    assert first.startswith("ValueError: matmul: Input operand 1 has a mismatch")
    assert where == "Line 4 of the cell: return return x @ W"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.ones((2, 3)), "has shape (2, 3)"),
        (np.array(3.0), "is one number"),
        ([1, 2], "is a list of 2"),
        ((1,), "is a tuple of 1"),
        (None, "is None"),
        (True, "is True"),
        (3, "is 3"),
        (np.int64(3), "is 3"),
        (0.123456, "is 0.1235"),
        (np.float64(0.123456), "is 0.1235"),
        ("a text", "is the text 'a text'"),
        ("a text that is far too long to be shown", "is the text 'a text that is far too long t"),
        (len, "is a function"),
        ({}, "is a dict"),
        (object(), "is a object"),
    ],
)  # fmt: skip
def test_what_a_value_is(value, words):
    assert errors.is_what(value) == words


def test_an_explanation_that_fails_itself_is_left_out(monkeypatch):
    def broken(error, message, place):
        raise ZeroDivisionError

    monkeypatch.setattr(errors, "EXPLANATIONS", [broken, *errors.EXPLANATIONS])
    assert said("return y")[0].startswith("There is no `y` here")
