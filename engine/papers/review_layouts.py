"""How the two papers of a management review look: a part for each topic of the input, the decisions of the output."""

from shall.engine.papers.layout import (
    Col,
    Field,
    Fields,
    Layout,
    Part,
    Rows,
    Signatures,
    Text,
)
from shall.engine.papers.review_topics import TOPICS


def _fields(*names: tuple[str, str]) -> Fields:
    return Fields(tuple(Field(f"papers_more.{label}", path) for label, path in names))


_LINES = (
    Col("papers_more.record", "record", 1.7),
    Col("papers_more.day", "on", 1.3),
    Col("papers_more.what", "what", 2.6),
    Col("papers_more.result", "result", 2.8),
    Col("papers_more.standing", "state", 1.8),
)


def _topic(name: str) -> Part:
    path = f"topics.{name}"
    return Part(
        f"papers_more.topic_{name}",
        (
            Text(f"{path}.asks"),
            Text(f"{path}.summary"),
            Rows(f"{path}.rows", _LINES, "papers_more.nothing_on_record"),
        ),
    )


INPUT = Layout(
    "management-review-input",
    "papers_more.input_title",
    (
        Part(
            "papers_more.input_head",
            (
                _fields(
                    ("organisation", "organisation"),
                    ("review_named", "review.id"),
                    ("reviewed_on", "review.on"),
                    ("last_review", "last_review"),
                    ("period", "period"),
                    ("standards", "standards"),
                    ("empty_topics", "empty_topics"),
                ),
                Text("how"),
            ),
        ),
        *map(_topic, TOPICS),
        Part(
            "papers_more.submitted",
            (
                Rows(
                    "submitted",
                    (
                        Col("papers_more.record", "record", 1),
                        Col("papers_more.topic", "topic", 2),
                        Col("papers_more.day", "on", 1),
                        Col("papers_more.content", "content", 4),
                        Col("papers_more.trend", "trend", 0.8),
                    ),
                    "papers_more.nothing_submitted",
                ),
                Text("not_submitted"),
            ),
        ),
    ),
)

OUTPUT = Layout(
    "management-review-output",
    "papers_more.output_title",
    (
        Part(
            "papers_more.output_head",
            (
                _fields(
                    ("organisation", "organisation"),
                    ("review_named", "review.id"),
                    ("reviewed_on", "review.on"),
                    ("chaired_by", "review.chaired_by"),
                    ("by_top_management", "review.by_top_management"),
                    ("participants", "review.participants"),
                    ("inputs_on_record", "inputs"),
                    ("standards", "standards"),
                ),
            ),
        ),
        Part(
            "papers_more.conclusions",
            (
                _fields(
                    ("suitable", "review.suitable"),
                    ("adequate", "review.adequate"),
                    ("effective", "review.effective"),
                    ("aligned", "review.aligned_with_strategy"),
                    ("overall", "review.overall_conclusion"),
                ),
            ),
        ),
        Part(
            "papers_more.decisions",
            (
                Text("decided"),
                Rows(
                    "decisions",
                    (
                        Col("papers_more.record", "record", 1),
                        Col("papers_more.topic", "topic", 1.6),
                        Col("papers_more.decision", "decision", 2.6),
                        Col("papers_more.action_required", "action_required", 0.9),
                        Col("papers_more.owner", "owner", 1.4),
                        Col("papers_more.due", "due_on", 1.4),
                        Col("papers_more.completed", "completed_on", 1.4),
                        Col("papers_more.standing", "state", 1.5),
                    ),
                    "papers_more.no_decisions",
                ),
            ),
        ),
        Part(
            "papers_more.undecided_topics",
            (
                Rows(
                    "undecided",
                    (
                        Col("papers_more.topic", "topic", 2),
                        Col("papers_more.asks", "asks", 4),
                        Col("papers_more.why_missing", "why", 2),
                    ),
                    "papers_more.all_decided",
                ),
            ),
        ),
        Part("papers_more.signed", (Signatures(("papers_more.sign_chair",)),)),
    ),
)
