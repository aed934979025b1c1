"""Holds a report on standard input against the schema of SARIF 2.1.0, with nothing in it that the schema does not know,
and against what GitHub's code scanning asks for beyond it. Prints how many results it has."""
import json
import re
import sys

from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Schema

text = sys.stdin.read()
Schema.model_validate_json(text)
report = json.loads(text)


def need(condition, what):
    if not condition:
        sys.exit("GitHub: " + what)


def need_text(message, most, what):
    need(0 < len(message["text"]) <= most, what)


need(report["version"] == "2.1.0", "version")
need(report["$schema"].endswith("sarif-2.1.0.json"), "$schema")
need(len(report["runs"]) == 1, "one run")
run = report["runs"][0]
driver = run["tool"]["driver"]
need(driver["name"] and driver["version"], "the tool has a name and a version")
need(len(text.encode()) <= 10 << 20 or len(run["results"]) > 5_000, "size")
rules = [rule["id"] for rule in driver["rules"]]
need(len(set(rules)) == len(rules) and all(len(rule) <= 255 for rule in rules), "names of rules")
for rule in driver["rules"]:
    need(len(rule["name"]) <= 255, "a rule's name")
    need_text(rule["shortDescription"], 1024, "shortDescription")
    need_text(rule["fullDescription"], 1024, "fullDescription")
    need_text(rule["help"], 1 << 20, "help")
    need(rule["defaultConfiguration"]["level"] in ("note", "warning", "error"), "level")
    need(0 < float(rule["properties"]["security-severity"]) <= 10, "security-severity")
    need(isinstance(rule["properties"]["security-severity"], str), "security-severity is a text")
    need(rule["properties"]["precision"] in ("very-high", "high", "medium", "low"), "precision")
    need(len(rule["properties"]["tags"]) <= 20, "tags")
need(len(run["results"]) <= 25_000, "results in a run")
for result in run["results"]:
    need(rules[result["ruleIndex"]] == result["ruleId"], "ruleId")
    need_text(result["message"], 1 << 16, "message")
    need(1 <= len(result["locations"]) <= 1000, "locations")
    need(result["partialFingerprints"], "partialFingerprints")
    for location in result["locations"]:
        place = location["physicalLocation"]
        uri = place["artifactLocation"]["uri"]
        need(re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri), f"uri {uri}")
        need(not uri.startswith(("/", "../", "./")), f"relative uri {uri}")
        need(place["region"]["startLine"] >= 1 and place["region"]["startColumn"] >= 1, "region")
print(len(run["results"]))
