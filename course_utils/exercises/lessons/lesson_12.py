"""Lesson 12, what comes next: its exercises."""

import numpy as np

import course_utils as cu

from ..authoring import Exercise, Misconception, Slip, arrays


def embedding_gradient(dx, letters, K):
    """The gradient of a table of embeddings, of which rows were picked.

    dx is (N, D), the gradient of the picked rows x = E[letters]; letters is (N,), numbers below K.
    Returns dE, (K, D), the gradient of the table.
    """
    dE = np.zeros((K, dx.shape[1]))
    for row, letter in zip(dx, letters, strict=True):
        dE[letter] += row
    return dE


def _picked_rows(rng, N=7, D=4, K=6):
    letters = rng.integers(K - 1, size=N)  # the last row is never picked
    letters[1] = letters[3] = letters[0]
    return {"dx": rng.normal(size=(N, D)), "letters": letters, "K": K}


def _by_one_hot(dx, letters, K):
    return np.eye(K)[letters].T @ dx


def _by_add_at(dx, letters, K):
    dE = np.zeros((K, dx.shape[1]))
    np.add.at(dE, letters, dx)
    return dE


def _by_masks(dx, letters, K):
    return np.array([dx[letters == letter].sum(axis=0) for letter in range(K)])


def _counted_once(dx, letters, K):
    dE = np.zeros((K, dx.shape[1]))
    dE[letters] += dx
    return dE


def _means(dx, letters, K):
    dE = np.zeros((K, dx.shape[1]))
    for letter in set(letters.tolist()):
        dE[letter] = dx[letters == letter].mean(axis=0)
    return dE


embedding = Exercise(
    "12.1",
    embedding_gradient,
    returns="dE",
    inputs=_picked_rows,
    sizes=[{"N": 12}, {"D": 1}, {"K": 9}],
    hints=[
        "Which row of the table made row i of x? Where must row i of dx go, then? What if two "
        "rows of x came from the same row of the table?",
        "Begin with np.zeros((K, dx.shape[1])). A row that was never picked keeps its zeros.",
        "for i in range(len(letters)): dE[letters[i]] += dx[i].",
    ],
    misconceptions=[
        Misconception(
            "A letter that was picked twice has only one of its gradients. With dE[letters] = dx "
            "the last one stays; with += as well, for NumPy reads all the rows first, and then "
            "writes them. Go through the rows one at a time, or use np.add.at.",
            _counted_once,
        ),
        Misconception(
            "You took the mean over the places where a letter was picked. Used twice means add: "
            "take the sum.",
            _means,
        ),
        Misconception(
            "This picks rows of dx, as the way forward picks rows of the table. On the way back "
            "they are handed out: row i of dx goes to row letters[i] of dE.",
            lambda dx, letters, K: np.resize(dx[letters % len(dx)], (K, dx.shape[1])),
        ),
        Slip("The table has K rows, whether they were picked or not.",
             "np.zeros((K, dx.shape[1]))", "np.zeros((letters.max() + 1, dx.shape[1]))"),
        Slip("All rows are divided by the number of picked letters. The mean was taken in the loss "
             "already.", "+= row", "+= row / len(letters)"),
        Slip("The sign is wrong: a gradient is added up here, the step subtracts it later.",
             "+= row", "-= row"),
    ],
    variants=[_by_one_hot, _by_add_at, _by_masks],
)  # fmt: skip


def causal_mask(T):
    """Who may look where: entry (i, j) is True if position i may look at position j.

    T is the number of positions. Returns a boolean array, (T, T).
    """
    return np.arange(T)[:, None] >= np.arange(T)


mask = Exercise(
    "12.2",
    causal_mask,
    returns="may_look",
    inputs=lambda rng, T=5: {"T": T},
    sizes=[{"T": 1}, {"T": 2}, {"T": 8}],
    hints=[
        "Write the array for three positions on paper: which entries of row 0 are True? Of row 2?",
        "Entry (i, j) is True where j <= i: the diagonal, and what is left of it.",
        "np.tril(np.ones((T, T), dtype=bool)), or a comparison of np.arange(T)[:, None] with "
        "np.arange(T).",
    ],
    misconceptions=[
        Slip("Here a position looks at itself and at what comes after it. Row i must be True up to "
             "column i, and False after that.", ">=", "<="),
        Slip("The diagonal is missing: a position may look at itself. Else the first one has "
             "nothing to look at.", ">=", ">"),
        Slip("True and False have changed places: True means that it may look.", ">=", "<"),
        Slip("Every position may look everywhere. What comes later, j > i, must be False.",
             "np.arange(T)[:, None] >= np.arange(T)", "np.ones((T, T), dtype=bool)"),
        Slip("Each position looks only at itself. What comes before it is allowed as well.",
             ">=", "=="),
    ],
    variants=[
        lambda T: np.tril(np.ones((T, T), dtype=bool)),
        lambda T: ~np.triu(np.ones((T, T), dtype=bool), 1),
        lambda T: np.array([[j <= i for j in range(T)] for i in range(T)]),
    ],
)  # fmt: skip


def attention_scores(q, k):
    """How well each query fits each key.

    q and k are (T, D): a query and a key for each of T positions.
    Returns scores, (T, T): row i belongs to query i, column j to key j.
    """
    return q @ k.T / np.sqrt(q.shape[1])


ROOT = " / np.sqrt(q.shape[1])"
fits = Exercise(
    "12.3",
    attention_scores,
    returns="scores",
    inputs=lambda rng, T=5, D=4: {"q": rng.normal(size=(T, D)), "k": rng.normal(size=(T, D))},
    sizes=[{"T": 1}, {"T": 2, "D": 9}, {"D": 1}],
    hints=[
        "Which matrix product of two (T, D) arrays is (T, T), with a query in each row?",
        "q @ k.T. By what is it divided, and how many numbers has one query?",
    ],
    misconceptions=[
        Slip("The dot products are right. They must be divided by the root of D, the length of a "
             "query.", ROOT, ""),
        Slip("Divided by D: take its root.", ROOT, " / q.shape[1]"),
        Slip("Divided by the root of the number of positions, T. How many numbers has one query? "
             "q.shape[1].", ROOT, " / np.sqrt(len(q))"),
        Slip("Multiplied by the root of D: the scores must become smaller, so divide.",
             ROOT, " * np.sqrt(q.shape[1])"),
        Slip("D is q.shape[1], the numbers of one query; q.size counts those of all.",
             ROOT, " / np.sqrt(q.size)"),
        Slip("reshape moves no axis: the keys get mixed up. The transpose is k.T.",
             "k.T", "k.reshape(k.shape[::-1])"),
        Slip("The mask is one step too early: the scores only.",
             "q @ k.T / np.sqrt(q.shape[1])",
             "np.where(np.tri(len(q)), q @ k.T / np.sqrt(q.shape[1]), -np.inf)"),
        Slip("Queries and keys have changed places: row i must belong to query i.",
             "q @ k.T", "k @ q.T"),
        Slip("This is (D, D): it sums over the positions. Each score is a sum over the D numbers "
             "of one query and one key, q @ k.T.", "q @ k.T", "q.T @ k"),
        Slip("These are the scores of the queries with themselves: the keys are not used.",
             "k.T", "q.T"),
        Slip("This multiplies number by number, (T, D). A score is a dot product: multiply, then "
             "sum over the D numbers.", "q @ k.T", "q * k"),
        Slip("The softmax is one step too early: the scores only.",
             "q @ k.T / np.sqrt(q.shape[1])", "cu.softmax(q @ k.T / np.sqrt(q.shape[1]))"),
    ],
    variants=[
        lambda q, k: np.einsum("id,jd->ij", q, k) * q.shape[1] ** -0.5,
        lambda q, k: (k @ q.T).T / q.shape[-1] ** 0.5,
        lambda q, k: (q / np.sqrt(q.shape[1])) @ k.T,
    ],
)  # fmt: skip


def attention(scores, may_look, v):
    """From scores to what each position takes from the others.

    scores is (T, T), may_look is (T, T) of booleans, v is (T, D): a value for each position.
    Returns weights, (T, T), each row with the sum 1, and the output, (T, D).
    """
    scores = np.where(may_look, scores, -np.inf)
    weights = cu.softmax(scores)
    return weights, weights @ v


def _attended(rng, T=5, D=4, mask="causal"):
    other = np.eye(T, dtype=bool) | (rng.random((T, T)) < 0.5)
    return {
        "scores": rng.normal(size=(T, T)),
        "may_look": np.tri(T, dtype=bool) if mask == "causal" else other,
        "v": rng.normal(size=(T, D)),
    }


def _attention_by_hand(scores, may_look, v):
    powers = np.exp(scores) * may_look
    weights = powers / powers.sum(axis=1, keepdims=True)
    return weights, weights @ v


def _attention_by_large_number(scores, may_look, v):
    scores = scores - 1e9 * (1 - may_look)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = powers / powers.sum(axis=-1, keepdims=True)
    return weights, np.einsum("ij,jd->id", weights, v)


def _attention_by_rows(scores, may_look, v):
    weights = np.zeros_like(scores)
    for i in range(len(scores)):
        seen = np.flatnonzero(may_look[i])
        powers = np.exp(scores[i, seen])
        weights[i, seen] = powers / powers.sum()
    return weights, weights @ v


HIDDEN, WEIGHTS = "np.where(may_look, scores, -np.inf)", "weights = cu.softmax(scores)"
forward = Exercise(
    "12.4",
    attention,
    returns=("weights", "output"),
    inputs=_attended,
    sizes=[{"T": 1}, {"T": 2, "D": 6}, {"D": 1}, {"mask": "another"}],
    hints=[
        "Which score makes exp(score) zero? Give it to every pair that may not look.",
        "scores = np.where(may_look, scores, -np.inf), then cu.softmax along each row.",
        "The output of position i is the sum of all values, each times its weight in row i: a "
        "matrix product.",
    ],
    misconceptions=[
        Slip("The mask comes after the softmax: the rows no longer have the sum 1, for what was "
             "hidden has taken its share already. Hide the scores first, then take the softmax.",
             HIDDEN, "scores", WEIGHTS, "weights = cu.softmax(scores) * may_look"),
        Slip("A score of 0 does not hide: exp(0) is 1. Put -np.inf, whose exp is 0.",
             "-np.inf", "0.0"),
        Slip("may_look was not used: a mask was made anew. Take the one that is passed.",
             "np.where(may_look,", "np.where(np.tri(len(scores), dtype=bool),"),
        Slip("exp(-10) is small and not 0: what is hidden still has a share. Put -np.inf.",
             "-np.inf", "-10.0"),
        Slip("Even the smallest score has a share: put -np.inf, whose exp is 0.",
             "-np.inf", "scores.min()"),
        Slip("0 times infinity is not a number (NaN): choose with np.where.",
             HIDDEN, "scores - np.inf * (1 - may_look)"),
        Slip("The mask was not used: every position looks at what comes after it.",
             HIDDEN, "scores"),
        Slip("The mask is the wrong way round: True means that it may look.",
             HIDDEN, "np.where(may_look, -1e9, scores)"),
        Slip("The softmax went down the columns. Each row belongs to one position, and must have "
             "the sum 1.", WEIGHTS, "weights = cu.softmax(scores.T).T"),
        Slip("The weights are transposed in the product: row i of the output is made with row i "
             "of the weights, weights @ v.", "weights @ v", "weights.T @ v"),
        Slip("The output was made with the scores; take the weights.",
             "return weights, weights @ v", "return weights, np.where(may_look, scores, 0) @ v"),
        Slip("The softmax is missing: weights are not negative, and each row has the sum 1.",
             WEIGHTS, "weights = np.where(may_look, scores, 0.0)"),
        Slip("The two have changed places: first weights, then the output.",
             "return weights, weights @ v", "return weights @ v, weights"),
    ],
    variants=[_attention_by_hand, _attention_by_large_number, _attention_by_rows],
)  # fmt: skip


def largest_leak(f, letters, t, letter):
    """How much the answers before position t depend on the letter at t.

    f takes letters, (T,), and returns one row of numbers for each position, (T, K).
    Put `letter` at position t, in a copy. Returns the largest absolute change of any number in
    the rows before t: 0 if nothing leaks.
    """
    changed = letters.copy()
    changed[t] = letter
    return np.abs(f(changed)[:t] - f(letters)[:t]).max()


def _leaky(rng, T=6, K=7):
    table, mix = rng.normal(size=(K, 3)), rng.normal(size=(T, T))
    letters = rng.integers(K - 1, size=T)

    def f(letters):
        return mix @ table[letters]

    return {"f": f, "letters": letters, "t": 3, "letter": K - 1}


def _leak_by_loop(f, letters, t, letter):
    before = f(letters)
    other = np.array([letter if i == t else old for i, old in enumerate(letters)])
    after = f(other)
    return max(abs(a - b) for i in range(t) for a, b in zip(after[i], before[i], strict=True))


def _leak_in_place(f, letters, t, letter):
    letters = np.array(letters)
    before = f(letters)[:t]
    letters[t] = letter
    return np.max(np.abs(before - f(letters)[:t]))


leak = Exercise(
    "12.5",
    largest_leak,
    returns="leak",
    inputs=_leaky,
    sizes=[{"T": 5}, {"K": 4}],
    hints=[
        "Call f twice: with the letters, and with a copy in which one is changed. Which rows of "
        "the two answers must be equal?",
        "changed = letters.copy(), changed[t] = letter; the rows before t are [:t].",
        "np.abs(f(changed)[:t] - f(letters)[:t]).max().",
    ],
    misconceptions=[
        Slip("The rows from t on may change: they are allowed to see this letter. Look at the "
             "rows before t only, [:t]; [:, :t] takes columns.",
             "f(changed)[:t] - f(letters)[:t]", "f(changed) - f(letters)"),
        Slip("Row t itself is in it: it may look at its own letter. The rows before t are [:t].",
             "f(changed)[:t] - f(letters)[:t]", "f(changed)[:t + 1] - f(letters)[:t + 1]"),
        Slip("These are the rows from t on, which may change. What must not change is before t: "
             "[:t].", "f(changed)[:t] - f(letters)[:t]", "f(changed)[t:] - f(letters)[t:]"),
        Slip("f saw the same letters twice: `changed = letters` is no copy, and a slice such as "
             "letters[:] is a view of the same array. Use letters.copy().",
             "f(letters)", "f(changed)"),
        Slip("[:t] ends before t by itself: [:t - 1] leaves out a row.",
             "f(changed)[:t] - f(letters)[:t]", "f(changed)[: t - 1] - f(letters)[: t - 1]"),
        Slip("All rows before t count, not only the last of them.",
             "f(changed)[:t] - f(letters)[:t]", "f(changed)[t - 1] - f(letters)[t - 1]"),
        Slip("The two largest numbers were compared. Subtract first, then abs, then max.",
             "np.abs(f(changed)[:t] - f(letters)[:t]).max()",
             "abs(f(changed)[:t].max() - f(letters)[:t].max())"),
        Slip("The absolute value is missing: a large change downwards counts as well.",
             "np.abs(f(changed)[:t] - f(letters)[:t])", "(f(changed)[:t] - f(letters)[:t])"),
        Slip("This is the mean change; the largest was asked for.", ".max()", ".mean()"),
        Slip("This is the sum of all changes; the largest was asked for.", ".max()", ".sum()"),
        Slip("One number: the largest of all changes, .max().", ".max()", ""),
        Slip("The letter was added to the one that was there; put it in its place.",
             "changed[t] = letter", "changed[t] = (changed[t] + letter) % (letter + 1)"),
    ],
    variants=[_leak_by_loop, _leak_in_place],
)  # fmt: skip


def embed(letters, E, P):
    """Letters as vectors that know where they stand.

    letters is (N, T), numbers of letters; E is (K, D), a row for each letter; P is (L, D), a row
    for each position, L >= T. Returns x, (N, T, D).
    """
    T = letters.shape[1]
    return E[letters] + P[:T]


positions = Exercise(
    "12.6",
    embed,
    returns="x",
    inputs=arrays(
        letters=lambda rng, N, H, K: rng.integers(K, size=(N, H)),
        E="K D",
        P=lambda rng, H, D: rng.normal(size=(H + 3, D)),
    ),
    sizes=[{"N": 1}, {"H": 1}, {"D": 1}],
    hints=[
        "E[letters] picks a row for each letter. What is its shape? Which rows of P belong to the "
        "positions 0 to T - 1?",
        "E[letters] is (N, T, D) and P[: letters.shape[1]] is (T, D): broadcasting adds the rows "
        "to each word.",
    ],
    errors={
        "could not be broadcast": "P may have more rows than a word has letters: take the first "
        "letters.shape[1] of them. (len(letters) is the number of words.)",
    },
    misconceptions=[
        Slip("The positions are missing: add row 0 of P to the first letter of each word, row 1 to "
             "the second, and so on.", " + P[:T]", ""),
        Misconception(
            "P was picked by the letters. Its rows belong to positions: row 0 to the first letter, "
            "whichever it is.",
            lambda letters, E, P: E[letters] + P[letters % len(P)],
        ),
        Slip("The last rows of P were added. Positions count from the beginning: P[:T].",
             "P[:T]", "P[-T:]"),
        Slip("The positions begin at 0: P[:T].", "P[:T]", "P[1 : T + 1]"),
        Slip("Every letter got the same row of P. Each position has a row of its own.",
             "P[:T]", "P[0]"),
        Slip("Multiplied: the row of the position is added.", "+ P", "* P"),
        Slip("The rows of P were added in the wrong order, from the last position to the first.",
             "P[:T]", "P[:T][::-1]"),
    ],
    variants=[
        lambda letters, E, P: np.stack([E[word] + P[: len(word)] for word in letters]),
        lambda letters, E, P: np.take(E, letters, axis=0) + P[np.arange(letters.shape[1])],
        lambda letters, E, P: np.eye(len(E))[letters] @ E + P[None, : letters.shape[1]],
    ],
)  # fmt: skip


EXERCISES = [embedding, mask, fits, forward, leak, positions]
