"""Trains a classifier per intent, one against all others: logistic regression by gradient descent, with numpy where it is installed."""

import json
import math

from object_store import store
from object_store.settings import from_environment

try:
    import numpy
except ImportError:
    numpy = None

RATE = 0.5
# The few sentences of an intent count as much as the many of the others.
BALANCE = 0.5


@store.action
def main(args):
    """Trains the intents of `bundle` on the matrices that the split action wrote, in `rounds` (default 200) rounds.

    Writes the weights of each to `chatbot-weights/NAME.json`, one more than there are words: the last is the bias.
    Returns `intents`, `[{"intent", "accuracy", "object"}]`; accuracy is the share of training sentences that come out right.
    """
    context = args.get("context") or {}
    rounds = int(args.get("rounds", 200))
    config, db_config = from_environment()
    objects = store.ObjectStore(config, ["chatbot-matrices", "chatbot-weights"], db_config)
    train = train_with_numpy if numpy else train_plainly
    trained = []
    for name in args["bundle"]:
        positive, negative = (read(objects, context, "%s_%s.txt" % (name, sign)) for sign in ("pos", "neg"))
        rows, labels = positive + negative, [1.0] * len(positive) + [0.0] * len(negative)
        counts = [BALANCE / len(positive)] * len(positive) + [BALANCE / len(negative)] * len(negative)
        weights = train(rows, labels, counts, rounds)
        right = sum((score(row, weights) > 0.5) == (label > 0.5) for row, label in zip(rows, labels))
        with open("chatbot-weights/%s.json" % name, "w") as file:
            json.dump({"intent": name, "weights": weights}, file)
        objects.put_sync(context, "chatbot-weights", name + ".json")
        trained.append({"intent": name, "accuracy": round(right / len(rows), 3), "object": "chatbot-weights/%s.json" % name})
    return {"intents": trained}


def read(objects, context, name):
    objects.get_sync(context, "chatbot-matrices", name)
    with open("chatbot-matrices/" + name) as file:
        return [[float(cell) for cell in line.split()] for line in file]


def score(row, weights):
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, weights[-1] + sum(w for w, cell in zip(weights, row) if cell)))))


def train_plainly(rows, labels, counts, rounds):
    weights = [0.0] * (len(rows[0]) + 1)
    # Most cells are 0.
    places = [[i for i, cell in enumerate(row) if cell] + [len(weights) - 1] for row in rows]
    for _ in range(rounds):
        steps = [0.0] * len(weights)
        for row, found, label, count in zip(rows, places, labels, counts):
            error = (label - score(row, weights)) * count
            for i in found:
                steps[i] += error
        weights = [weight + RATE * len(rows) * step for weight, step in zip(weights, steps)]
    return weights


def train_with_numpy(rows, labels, counts, rounds):
    matrix = numpy.hstack([numpy.array(rows), numpy.ones((len(rows), 1))])
    labels, counts = numpy.array(labels), numpy.array(counts)
    weights = numpy.zeros(matrix.shape[1])
    for _ in range(rounds):
        scores = 1 / (1 + numpy.exp(-numpy.clip(matrix @ weights, -30, 30)))
        weights += RATE * len(rows) * (matrix.T @ ((labels - scores) * counts))
    return [float(weight) for weight in weights]
