#!/usr/bin/env python3
"""The peer of `k_means_of_100_000` in `benches/steps.rs`: scikit-learn's KMeans on points drawn alike.

    python3 -m venv .venv && .venv/bin/pip install scikit-learn
    .venv/bin/python benches/kmeans_peer.py
"""
import json
import statistics
import time

import numpy
import sklearn
from sklearn.cluster import KMeans

POINTS, WIDTH, CLOUDS = 100_000, 384, 50

draw = numpy.random.default_rng(1)
middles = draw.uniform(-1, 1, (CLOUDS, WIDTH))
points = middles[numpy.arange(POINTS) % CLOUDS] + draw.uniform(-1.5, 1.5, (POINTS, WIDTH))
points = (points / numpy.linalg.norm(points, axis=1, keepdims=True)).astype(numpy.float32)
for k in (20, 50):
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        found = KMeans(k, n_init=1, random_state=0).fit(points)
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"engine": "scikit-learn " + sklearn.__version__, "k": k, "iterations": found.n_iter_,
                      "seconds": round(statistics.median(seconds), 3),
                      "inertia": round(found.inertia_ / POINTS, 4)}), flush=True)
