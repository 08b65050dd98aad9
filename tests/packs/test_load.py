"""Finding packs, and a protocol with its layers."""

import pytest

from countwell.base.errors import PackError
from countwell.pack.load import SHIPPED, Loaded, find, load, shipped
from packs.sample import SAMPLE
from packs.test_lint import LAYER


@pytest.fixture
def folder(tmp_path):
    """A protocol with one layer, which reads one of its tables."""
    (tmp_path / "ward.yaml").write_text(SAMPLE.replace("kind: protocol\n", "kind: protocol\nwith: [closer]\n"))
    text = LAYER.replace("title: Closer\n", "title: Closer\nreads: [white-cells]\n")
    (tmp_path / "closer.yaml").write_text(text.replace("course is active,", "white-cells at least hold,"))
    return tmp_path


def refused(*args):
    """Why loading is refused."""
    with pytest.raises(PackError) as error:
        load(*args)
    return str(error.value)


def test_a_protocol_takes_its_layers_along(folder):
    loaded = load(folder / "ward.yaml")
    assert [pack.name for pack in loaded.packs] == ["ward", "closer"]
    assert load(str(folder / "ward.yaml"), []).layers == ()
    assert load(folder / "ward.yaml", ["closer"]) == loaded


def test_a_table_that_a_layer_reads_must_come_earlier(folder):
    (folder / "ward.yaml").write_text((folder / "ward.yaml").read_text().replace("white-cells", "counts"))
    assert "closer.yaml:1: closer reads the table `white-cells`, which no earlier pack has." in refused(
        folder / "ward.yaml"
    )


def test_what_is_no_protocol_or_no_layer_is_refused(folder):
    assert "closer is a layer, not a protocol." in refused(folder / "closer.yaml")
    assert "ward is a protocol, not a layer." in refused(folder / "ward.yaml", ["ward"])


def test_an_unknown_name_is_refused_with_the_known_ones(folder):
    assert "cidpp: there is no such pack. Did you mean cidp?" in refused("cidpp")
    assert "no-such-layer: there is no such pack." in refused(folder / "ward.yaml", ["no-such-layer"])


def test_the_faults_of_all_layers_come_at_once(folder):
    (folder / "closer.yaml").write_text("pack: closer\n")
    assert "closer.yaml:1: the pack has no `kind`." in refused(folder / "ward.yaml", ["closer", "none"])
    assert "none: there is no such pack." in refused(folder / "ward.yaml", ["closer", "none"])


def test_a_name_means_a_shipped_pack_and_a_path_a_file():
    assert find("cidp") == SHIPPED / "cidp.yaml"
    assert "cidp" in shipped()
    assert str(find("some/where.yaml")) == "some/where.yaml"


def test_where_silent_tables_join_only_if_no_earlier_pack_has_one(folder):
    loaded = load(folder / "ward.yaml")
    assert all(joins for _, _, joins in loaded.tables())
    (folder / "closer.yaml").write_text(LAYER.replace("joins: always", "joins: where-silent"))
    loaded = load(folder / "ward.yaml")
    assert [(pack.name, table.name) for pack, table, joins in loaded.tables() if not joins] == [("closer", "schedule")]
    assert [joins for *_, joins in Loaded(loaded.layers[0]).tables()] == [True]


@pytest.mark.parametrize("layers", [["closer", "closer"], None], ids=["named when asked", "named by the protocol"])
def test_a_layer_that_stands_twice_is_refused(folder, layers):
    if layers is None:
        (folder / "ward.yaml").write_text((folder / "ward.yaml").read_text().replace("[closer]", "[closer, closer]"))
    assert "ward.yaml:1: the layer `closer` stands twice." in refused(folder / "ward.yaml", layers)


@pytest.mark.parametrize(
    "own", ["other", "closer", "ward"], ids=["another", "itself: a circle", "its protocol: a circle"]
)
def test_a_layer_takes_no_layers_along_itself(folder, own):
    text = (folder / "closer.yaml").read_text().replace("kind: layer\n", f"kind: layer\nwith: [{own}]\n")
    (folder / "closer.yaml").write_text(text)
    said = refused(folder / "ward.yaml")
    assert f"closer.yaml:1: closer is a layer and takes layers along itself: {own}." in said
    assert "Name all layers in the protocol, in their order." in said
