"""What a user relies on: which photo meets which painting, by folder, name or list, and what the result is called."""

from pathlib import Path

import pytest

from nst.cli.pairs import Pair, by_name, each_with_each, pictures_of, read_list, result_names
from nst.errors import StyleTransferError
from nst.pictures.gallery import load_gallery

GALLERY = load_gallery()
IRISES, PAGODA = GALLERY.find("irises", "painting"), GALLERY.find("pagoda", "photo")


def files(folder: Path, *names: str) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"read by others")
    return [folder / name for name in names]


def test_a_folder_stands_for_its_pictures_in_the_order_of_their_names(tmp_path: Path) -> None:
    files(tmp_path / "photos", "b.PNG", "a.jpeg", ".hidden.jpg", "notes.txt", "c.webp")
    (tmp_path / "photos" / "deeper.jpg").mkdir()
    found = pictures_of(str(tmp_path / "photos"), "photo", GALLERY)
    assert [each.name for each in found if isinstance(each, Path)] == ["a.jpeg", "b.PNG", "c.webp"]


def test_a_name_of_the_gallery_and_all_of_it_stand_where_a_folder_does() -> None:
    assert pictures_of("irises", "painting", GALLERY) == [IRISES]
    assert pictures_of("gallery", "painting", GALLERY) == [*GALLERY.paintings]
    assert pictures_of("gallery", "photo", GALLERY) == [*GALLERY.photos]


def test_pairs_come_photo_by_photo_or_by_one_name(tmp_path: Path) -> None:
    a, b, lonely = files(tmp_path / "photos", "a.jpg", "b.jpg", "lonely.jpg")
    other_b, other_a = files(tmp_path / "paintings", "b.png", "a.tif")
    assert each_with_each([a, b], [other_b, other_a]) == [
        Pair(a, (other_b,)), Pair(a, (other_a,)), Pair(b, (other_b,)), Pair(b, (other_a,)),
    ]  # fmt: skip
    assert by_name([a, b, lonely], [other_b, other_a]) == [Pair(a, (other_a,)), Pair(b, (other_b,))]


def test_two_paintings_of_one_name_are_no_pair_by_name(tmp_path: Path) -> None:
    (a,) = files(tmp_path / "photos", "a.jpg")
    with pytest.raises(StyleTransferError, match="expected one painting called 'a', got several"):
        by_name([a], files(tmp_path / "paintings", "a.png", "a.tif"))


def test_results_have_names_that_no_two_share(tmp_path: Path) -> None:
    a_jpg, a_png, capital, b = files(tmp_path, "a.jpg", "a.PNG", "A-jpg.png", "b.jpg")
    pairs = each_with_each([a_jpg, a_png, capital, b, PAGODA], [IRISES])
    pairs += [Pair(b, (IRISES,)), Pair(b, (IRISES, a_jpg)), Pair(b, (IRISES,), {}, "mine"), Pair(b, (b,), {}, "Mine")]
    assert result_names(pairs) == [
        "a-jpg--irises", "a-PNG--irises", "A-jpg-2--irises", "b--irises", "pagoda--irises",
        "b--irises-2", "b--irises+a", "mine", "Mine-2",
    ]  # fmt: skip


def test_long_names_are_cut_off_so_that_any_file_system_takes_them(tmp_path: Path) -> None:
    paths = [tmp_path / f"{'木' * 80}{end}.jpg" for end in "ab"]
    first, second = result_names(each_with_each(paths, paths[:1]))
    assert first != second
    assert max(len(f"{name}.png".encode()) for name in (first, second)) < 255


def test_a_csv_list_has_a_line_for_each_picture(tmp_path: Path) -> None:
    a, style = files(tmp_path, "a.jpg", "style.jpg")
    (tmp_path / "list.csv").write_text(
        "\ufeffcontent,style,name,style-weight,coarse_to_fine\n"
        "a.jpg,irises,mine,300,off\n"
        "\n"
        "pagoda, style.jpg,,,\n"
        'gone.jpg,"style.jpg",,,\n',
        encoding="utf-8",
    )
    pairs, common = read_list(tmp_path / "list.csv", GALLERY)
    assert pairs == [
        Pair(a, (IRISES,), {"style_weight": "300", "coarse_to_fine": False}, "mine"),
        Pair(PAGODA, (style,)),
        Pair(tmp_path / "gone.jpg", (style,)),  # said when its turn comes
    ]
    assert common == {}


def test_a_toml_list_has_blends_and_settings_for_all(tmp_path: Path) -> None:
    (a,) = files(tmp_path, "a.jpg")
    (tmp_path / "list.toml").write_text(
        'size = 640\n[[picture]]\ncontent = "a.jpg"\nstyle = ["irises", "boating"]\nstyle_blend_weights = [0.7, 0.3]\n'
        '[[picture]]\ncontent = "pagoda"\nstyle = "irises"\nname = "second.png"\n'
    )
    pairs, common = read_list(tmp_path / "list.toml", GALLERY)
    boating = GALLERY.find("boating", "painting")
    assert pairs == [
        Pair(a, (IRISES, boating), {"style_blend_weights": [0.7, 0.3]}),
        Pair(PAGODA, (IRISES,), {}, "second"),
    ]
    assert common == {"size": 640}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("l.csv", "content,style\n", "l.csv: expected at least one picture, got an empty list"),
        ("l.csv", "", "l.csv: expected at least one picture, got an empty list"),
        ("l.csv", "content,style\npagoda,\n", "l.csv line 2: expected a content and a style"),
        ("l.csv", "photo,style\npagoda,irises\n", "l.csv line 2: expected a content and a style"),
        ("l.csv", "content,style\npagoda,irises,3\n", "l.csv line 2: expected 2 cells, got more"),
        ("l.csv", 'content,style\n"pagoda,irises\n', "l.csv line 1: expected CSV, got unexpected end of data"),
        ("l.csv", "content,style\npagoda,irisse\n", "l.csv line 2: irisse: expected the name of a painting"),
        ("l.csv", "content,style,sise\npagoda,irises,3\n", "l.csv line 2: expected content, style, name and settings"),
        ("l.csv", "content,style,size\npagoda,irises,3\n", "l.csv line 2: size: expected a number from 64 to 8192"),
        ("l.csv", "content,style,upscale\npagoda,irises,3\n", "l.csv line 2: upscale: expected on or off, got '3'"),
        ("l.csv", "content,style,name\npagoda,irises,../x\n", "l.csv line 2: expected a name without folders"),
        ("l.toml", "picture = 3\n", "l.toml: expected a table [[picture]] for each picture"),
        ("l.toml", "[[picture]\n", "l.toml: expected TOML, got something else"),
        ("l.toml", 'size = 3\n[[picture]]\ncontent = "pagoda"\nstyle = "irises"\n', "l.toml: size: expected a number"),
        ("l.toml", '[[picture]]\ncontent = "pagoda"\nstyle = []\n', "l.toml picture 1: expected a content and a style"),
        ("l.toml", '[[picture]]\ncontent = 3\nstyle = "irises"\n', "l.toml picture 1: expected a content and a style"),
    ],
)
def test_a_list_that_is_none_is_one_sentence_with_the_place(
    name: str, text: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(text)
    with pytest.raises(StyleTransferError) as caught:
        read_list(Path(name), GALLERY)
    assert str(caught.value).startswith(expected)


def test_a_list_that_is_no_text_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StyleTransferError, match="expected text in UTF-8"):
        read_list(tmp_path / "l.csv", GALLERY)


def test_the_list_in_the_documents_is_one(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "control.md").read_text("utf-8")
    _, _, rest = text.partition("```toml\n")
    (tmp_path / "list.toml").write_text(rest.partition("```")[0])
    (pair,), common = read_list(tmp_path / "list.toml", GALLERY)
    assert (pair.content, pair.name, len(pair.styles)) == (tmp_path / "me.jpg", "me-in-a-garden", 2)
    assert common == {"size": 768}


def test_the_list_that_the_documents_name_is_one() -> None:
    pairs, common = read_list(Path(__file__).parents[2] / "docs" / "batch" / "list.csv", GALLERY)
    assert len(pairs) == 12
    assert common == {}
