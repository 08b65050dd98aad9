"""Medicines: every interacting one is found by all its names; a look-alike is never azathioprine."""

import pytest

from countwell.vocabulary import medicines as vocabulary
from countwell.vocabulary.codes import Refused
from countwell.vocabulary.medicines import (
    AZATHIOPRINE,
    classes,
    in_class,
    is_medicine_or_class,
    look_alike_of,
    medicine,
    medicine_named,
    medicine_of_code,
    medicines,
)

# Every drug of the interaction table, with the class by which a pack reaches it.
INTERACTIONS = """
xanthine-oxidase-inhibitor: allopurinol, oxipurinol, tisopurine, thiopurinol, febuxostat, topiroxostat, Duzallo
uricase: pegloticase, rasburicase
guanine-synthesis-blocker: ribavirin, mycophenolate
aminosalicylate: mesalazine, olsalazine, balsalazide, sulfasalazine
ace-inhibitor: captopril, enalapril, ramipril, lisinopril, perindopril, benazepril, fosinopril, quinapril
ace-inhibitor: trandolapril, moexipril
coumarin: warfarin, acenocoumarol, phenprocoumon
antifolate: co-trimoxazole, trimethoprim, methotrexate
marrow-toxic-antiviral: ganciclovir, valganciclovir
anti-tnf: infliximab, adalimumab
alkylator: cyclophosphamide, chlorambucil, melphalan
jak-inhibitor: tofacitinib, baricitinib, upadacitinib, filgotinib
calcineurin-inhibitor: ciclosporin, tacrolimus
pyrimidine-synthesis-inhibitor: leflunomide
thiopurine: azathioprine, mercaptopurine, tioguanine
marrow-toxic: penicillamine
clozapine: clozapine
antithyroid: carbimazole
agranulocytosis-risk: deferiprone, linezolid, dapsone, carbamazepine, clozapine, carbimazole
marrow-effect-suggested: cimetidine, indometacin
loop-diuretic: furosemide
neuromuscular-blocker-nondepolarising: tubocurarine, pancuronium, atracurium, cisatracurium, rocuronium
neuromuscular-blocker-depolarising: suxamethonium, succinylcholine
level-may-fall: phenytoin, carbamazepine
copper-iud: copper IUD
immune-stimulant: echinacea
no-known-interaction: pyridostigmine, prednisolone
gastroprotectant: omeprazole, lansoprazole, esomeprazole, pantoprazole, rabeprazole, famotidine
"""

COMMON = """prednisone pyridostigmine ramipril paracetamol ibuprofen aspirin metformin amlodipine bisoprolol atorvastatin
simvastatin levothyroxine sertraline amitriptyline gabapentin pregabalin tramadol codeine salbutamol insulin ivig
rituximab eculizumab amoxicillin doxycycline nitrofurantoin""".split()

BRANDS = "Imuran Azasan Azafalk Immufalk Imurel Imurek Azapress Jayempi azathioprin azatioprina".split()

LOOK_ALIKES = """azithromycin azacitidine azaCITIDine Azulfidine allopurinol mercaptopurine mercaptamine aza AZA AZT azelastine
azilsartan Azilect Azor azathio azathioprin1 azathiopurine""".split()


def pairs() -> list[tuple[str, str]]:
    lines = (line.split(": ") for line in INTERACTIONS.strip().splitlines())
    return [(group, drug.strip()) for group, drugs in lines for drug in drugs.split(",")]


@pytest.mark.parametrize(("group", "drug"), pairs())
def test_every_drug_of_the_interaction_table_is_in_its_class(group: str, drug: str) -> None:
    name = medicine_named(drug)
    assert name is not None
    assert name in in_class(group)


@pytest.mark.parametrize("drug", COMMON)
def test_common_medicines_are_listed(drug: str) -> None:
    assert medicine_named(drug) is not None


def test_other_common_medicines_with_longer_names() -> None:
    for drug in ("calcium/vitamin D", "alendronic acid", "folic acid", "Vitamin D"):
        assert medicine_named(drug) is not None


@pytest.mark.parametrize("brand", BRANDS)
def test_azathioprine_by_every_name(brand: str) -> None:
    for text in (brand, brand.upper(), f" {brand} 50 mg tablets", f"{brand} 50 MG Oral Tablet"):
        assert medicine_named(text) == AZATHIOPRINE


@pytest.mark.parametrize("code", "1256 105610 105611 197388 199310 359228 359229 404351 404475 404476 701338".split())
def test_azathioprine_by_every_rxnorm_code(code: str) -> None:
    assert medicine_of_code("http://www.nlm.nih.gov/research/umls/rxnorm", code) == AZATHIOPRINE


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_a_look_alike_is_never_azathioprine(text: str) -> None:
    assert medicine_named(text) != AZATHIOPRINE
    assert medicine_named(f"{text} 50 mg tablet") != AZATHIOPRINE


def test_listed_look_alikes_are_known_as_such_and_are_no_names_of_azathioprine() -> None:
    for text in medicine(AZATHIOPRINE).do_not_confuse:
        assert look_alike_of(text) == AZATHIOPRINE
        assert medicine_named(text) != AZATHIOPRINE
    assert look_alike_of("metformin") is None


def test_a_code_whose_words_contradict_it_is_refused() -> None:
    for display in ("azithromycin", "Tylenol", "allopurinol 300 MG Oral Tablet"):
        refused = medicine_of_code("http://snomed.info/sct", "372574004", display)
        assert isinstance(refused, Refused), display
    for display in (None, "Azathioprine (substance)", "Imuran 50 MG", "words that name nothing listed"):
        assert medicine_of_code("http://snomed.info/sct", "372574004", display) == AZATHIOPRINE


def test_an_invented_code_is_refused() -> None:
    assert isinstance(medicine_of_code("rxnorm", "108831", "azathioprine 50 mg"), Refused)
    assert medicine_of_code("rxnorm", "999999") is None
    assert medicine_of_code("no system", "1256") is None


def test_a_combined_product_has_the_classes_and_the_name_of_what_it_contains() -> None:
    combined = medicine("lesinurad with allopurinol")
    assert combined.is_a("allopurinol")
    assert combined.is_a("xanthine-oxidase-inhibitor")
    assert not combined.is_a("febuxostat")
    assert medicine_named("lesinurad 200 MG / allopurinol 300 MG Oral Tablet") == combined.name
    assert medicine_of_code("atc", "M04AA51") == combined.name


def test_words_in_brackets_must_agree() -> None:
    assert medicine_named("azathioprine 50 MG Oral Tablet [Imuran]") == AZATHIOPRINE
    assert medicine_named("Allopurinol (Zyloric) 100mg") == "allopurinol"
    assert medicine_named("azathioprine (azithromycin)") is None


@pytest.mark.parametrize("text", ["", " ", "tablet", "50 mg", "not allopurinol", "allopurinol and something", "zzz"])
def test_what_is_not_listed_as_a_whole_is_not_known(text: str) -> None:
    assert medicine_named(text) is None


def test_the_list_holds_together() -> None:
    for listed in medicines().values():
        assert listed.classes <= set(classes()), listed.name
        assert all(part in medicines() for part in listed.contains), listed.name
        assert {mark for codes in listed.codes.values() for mark in codes.values()} <= {"seen", "recall"}
        assert medicine_named(listed.name) == listed.name
        assert all(medicine_named(other) == listed.name for other in listed.also)
    assert set(classes()) == {group for listed in medicines().values() for group in listed.classes}


def test_no_code_has_two_meanings() -> None:
    codes = [(s, c) for listed in medicines().values() for s, cs in listed.codes.items() for c in cs]
    assert len(codes) == len(set(codes))


def test_packs_may_name_medicines_and_classes() -> None:
    assert is_medicine_or_class("allopurinol")
    assert is_medicine_or_class("ace-inhibitor")
    assert not is_medicine_or_class("zyloric")
    with pytest.raises(KeyError):
        in_class("no-such-class")
    assert vocabulary.AZATHIOPRINE in medicines()
