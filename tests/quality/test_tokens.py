"""Search quality of the tokeniser alone: rank-bm25 on two judged collections, with our terms."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from rank_bm25 import BM25Okapi

from bot.language.tokens import terms

COLLECTIONS = Path(__file__).resolve().parents[3] / "shared" / "data" / "search"


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def mean_ndcg_at_10(folder: Path) -> float:
    documents = read(folder / "docs.jsonl")
    relevant: dict[str, set[str]] = {}
    for judgement in read(folder / "qrels.jsonl"):
        if judgement["rel"] > 0:
            relevant.setdefault(judgement["query"], set()).add(judgement["doc"])
    ranking = BM25Okapi([terms(f"{document['title']} {document['text']}") for document in documents])
    gains = []
    for query in read(folder / "queries.jsonl"):
        if wanted := relevant.get(query["id"]):
            scores = ranking.get_scores(terms(query["text"]))
            best = sorted(range(len(documents)), key=lambda i: (-scores[i], i))[:10]
            gain = sum(1 / math.log2(rank + 2) for rank, i in enumerate(best) if documents[i]["id"] in wanted)
            gains.append(gain / sum(1 / math.log2(rank + 2) for rank in range(min(10, len(wanted)))))
    return sum(gains) / len(gains)


@pytest.mark.parametrize(("collection", "floor"), [("time", 0.668), ("med", 0.703)])
def test_bm25_with_our_terms_ranks_as_well_as_the_best_known_tokeniser(collection: str, floor: float) -> None:
    folder = COLLECTIONS / collection
    if not folder.is_dir():
        pytest.skip("the test collections (../shared/data) are not on this machine")
    assert mean_ndcg_at_10(folder) >= floor
