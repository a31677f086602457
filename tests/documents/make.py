#!/usr/bin/env python3
"""Makes the documents with their producers, each with the answer that the gateway is to give.

    WORK/venv/bin/python tests/documents/make.py WORK OUT

WORK is the folder where run.py installed the producers. OUT gets PRODUCER/NAME.xml or .pdf, and beside each
NAME.expected.json; what is to be refused has NAME.refused instead. OUT/documents.json lists them with their versions.
"""

import importlib.metadata
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import terms

HERE = Path(__file__).parent
NODE = ("@e-invoice-eu/core", "factur-x-kit", "bysquare", "promptpay-qr")
PYTHON = ("drafthorse", "factur-x", "python_ubl", "a38", "myinvois", "segno", "qrbill")
# Of all European ones; the others are of one country.
EUROPEAN = [
    *("plain", "rates", "base-quantity", "allowances", "prepaid", "paid", "credit", "names"),
    *("exempt", "reverse", "tax-currency", "returned", "correction", "large", "roundings"),
]
ITALIAN = [
    *("italian", "italian-credit", "italian-eight-decimals", "italian-exempt"),
    "italian-professional",
]
MALAYSIAN = ["malaysian", "malaysian-credit", "malaysian-rounded"]
# Formats of @e-invoice-eu/core, and the profile of each.
FORMATS = {
    "UBL": "en16931",
    "CII": "en16931",
    "XRECHNUNG-UBL": "xrechnung-3.0",
    "XRECHNUNG-CII": "xrechnung-3.0",
    "Factur-X-Minimum": "minimum",
    "Factur-X-BasicWL": "basic-wl",
    "Factur-X-Basic": "basic",
    "Factur-X-EN16931": "en16931",
    "Factur-X-Extended": "extended",
    "Factur-X-XRechnung": "xrechnung-3.0",
}


class Documents:
    """The folder of documents, and the list of what is in it."""

    def __init__(self, out: Path, work: Path):
        self.out, self.work, self.list = out, work, []
        self.versions = {name: importlib.metadata.version(name) for name in PYTHON}
        for name in NODE:
            about = work / "node_modules" / name / "package.json"
            self.versions[name] = json.loads(about.read_text())["version"]

    def place(self, producer: str, whole: dict, profile: str, ending: str, refused=None) -> Path:
        """Notes a document and what is to come of it; the path for its bytes."""
        folder = self.out / producer.removeprefix("@").replace("/", "-")
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{whole['id']}-{profile}"
        path = folder / f"{name}.{ending}"
        number = 2
        while any(entry["path"] == str(path.relative_to(self.out)) for entry in self.list):
            path = folder / f"{name}-{number}.{ending}"
            number += 1
        stem = path.with_suffix(f".{ending}.expected.json")
        if not refused:
            text = json.dumps(terms.expected(whole, profile), ensure_ascii=False, indent=2)
            stem.write_text(text + "\n", encoding="utf-8")
        self.list.append(
            {
                "producer": producer,
                "version": self.versions[producer],
                "path": str(path.relative_to(self.out)),
                "profile": profile,
                "expected": None if refused else str(stem.relative_to(self.out)),
                "refused": refused,
            }
        )
        return path

    def finish(self) -> None:
        text = json.dumps(self.list, ensure_ascii=False, indent=2)
        (self.out / "documents.json").write_text(text + "\n", encoding="utf-8")

    def node(self, script: str, jobs: list[dict] | None = None) -> str:
        """Runs a script of Node beside the packages, where it looks for them; what it prints."""
        shutil.copy(HERE / script, self.work)
        done = subprocess.run(
            ["node", self.work / script],
            cwd=self.work,
            input=json.dumps(jobs),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout


def drafthorse(documents: Documents) -> None:
    import with_drafthorse as producer

    for name, profile in [
        *((name, "en16931") for name in EUROPEAN),
        *(("plain", "minimum"), ("rates", "basic-wl"), ("allowances", "basic")),
        *(("allowances", "extended"), ("prepaid", "extended"), ("allowances", "xrechnung-3.0")),
    ]:
        whole = terms.invoice(name)
        path = documents.place("drafthorse", whole, profile, "xml")
        path.write_bytes(producer.xml(whole, profile))
    for name, profile in [("allowances", profile) for profile in producer.GUIDELINES] + [
        ("credit", "en16931")
    ]:
        whole = terms.invoice(name)
        path = documents.place("drafthorse", whole, profile, "pdf")
        path.write_bytes(producer.pdf(whole, profile))


def factur_x(documents: Documents) -> None:
    """The XML is drafthorse's; this one checks it and puts it into the page."""
    import facturx
    import with_drafthorse

    import page

    for name, profile in [
        *(("plain", "minimum"), ("allowances", "basic-wl"), ("base-quantity", "basic")),
        *(("rates", "en16931"), ("correction", "en16931"), ("prepaid", "extended")),
    ]:
        whole = terms.invoice(name)
        path = documents.place("factur-x", whole, profile, "pdf")
        xml = with_drafthorse.xml(whole, profile)
        path.write_bytes(facturx.generate_from_binary(page.draw(whole), xml))


def e_invoice_eu(documents: Documents) -> None:
    import page

    jobs = []
    for name, kind in european_formats():
        # Prices of more decimals, which EN 16931 has, do not match its schema.
        whole, pdf = terms.with_short_prices(terms.invoice(name)), None
        ending = "pdf" if kind.startswith("Factur-X") else "xml"
        if ending == "pdf":
            pdf = documents.work / f"page-{name}.pdf"
            pdf.write_bytes(page.draw(whole))
        # It leaves the prices out of BASIC, which are to be in it.
        stated = terms.without_prices(whole) if kind == "Factur-X-Basic" else whole
        path = documents.place("@e-invoice-eu/core", stated, FORMATS[kind], ending)
        jobs.append(
            {"invoice": whole, "format": kind, "pdf": str(pdf) if pdf else None, "out": str(path)}
        )
    documents.node("with_e_invoice_eu.mjs", jobs)


def european_formats() -> Iterator[tuple[str, str]]:
    for name in EUROPEAN:
        yield name, "UBL"
    for name in ("base-quantity", "prepaid", "credit", "names"):
        yield name, "CII"
    for name in ("allowances", "exempt"):
        yield name, "XRECHNUNG-UBL"
        yield name, "XRECHNUNG-CII"
    for kind in FORMATS:
        if kind.startswith("Factur-X"):
            yield "allowances", kind
            yield "credit", kind


def factur_x_kit(documents: Documents) -> None:
    jobs = []
    for name, profile, form in [
        *((name, "en16931", "xml") for name in EUROPEAN),
        *(("allowances", "basic-wl", "pdf"), ("allowances", "basic", "pdf")),
        *(("plain", "en16931", "pdf"), ("allowances", "en16931", "pdf")),
        ("exempt", "en16931", "pdf"),
    ]:
        whole = terms.invoice(name)
        # It rounds quantities, which EN 16931 does not.
        stated = terms.with_short_quantities(whole)
        path = documents.place("factur-x-kit", stated, profile, form)
        jobs.append({"invoice": whole, "profile": profile, "form": form, "out": str(path)})
    documents.node("with_factur_x_kit.mjs", jobs)


def python_ubl(documents: Documents) -> None:
    import with_python_ubl as producer

    for name in ("plain", "exempt"):
        whole = terms.invoice(name)
        path = documents.place("python_ubl", whole, "peppol-bis-3", "xml")
        path.write_bytes(producer.xml(whole))
    # It writes lines of an invoice into a credit note, which UBL does not have there.
    whole = terms.invoice("credit")
    path = documents.place("python_ubl", whole, "peppol-bis-3", "xml", refused="CreditNoteLine")
    path.write_bytes(producer.xml(whole))


def a38(documents: Documents) -> None:
    import with_a38 as producer

    for name in ITALIAN:
        whole = terms.invoice(name)
        path = documents.place("a38", whole, "fatturapa", "xml")
        path.write_bytes(producer.xml(whole))


def myinvois(documents: Documents) -> None:
    import with_myinvois as producer

    for name in MALAYSIAN:
        whole = terms.invoice(name)
        path = documents.place("myinvois", whole, "myinvois", "xml")
        path.write_bytes(producer.xml(whole))


def codes(documents: Documents) -> None:
    """Receipts with a code; how they are answered otherwise is no matter here."""
    import with_codes as producer

    folder = documents.out / "codes"
    folder.mkdir(parents=True, exist_ok=True)
    for code in producer.codes(json.loads(documents.node("with_codes.mjs"))):
        page, box = producer.draw(code)
        page.save(folder / f"{code.name}.png", optimize=True)
        documents.list.append(
            {
                "producer": code.producer,
                "version": documents.versions[code.producer],
                "path": f"codes/{code.name}.png",
                "code": {"kind": code.kind, "page": 1, "box": box, "fields": code.fields},
            }
        )


def main() -> None:
    work, out = (Path(argument).resolve() for argument in sys.argv[1:])
    documents = Documents(out, work)
    makers = (drafthorse, factur_x, e_invoice_eu, factur_x_kit, python_ubl, a38, myinvois, codes)
    for make in makers:
        make(documents)
    documents.finish()


if __name__ == "__main__":
    main()
