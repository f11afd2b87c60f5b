"""What the hostile visitor's benchmark sends is what it says."""

from benchmarks.hostile import _tiny_tiles, phone_photo
from nst.pictures.codec import read_picture
from nst.recipes.link import from_link


def test_a_phone_s_photo_lies_on_its_side_until_it_is_read() -> None:
    data = phone_photo(1)
    assert read_picture(data, "phone.jpg").pixels.shape == (4000, 3000, 3)
    assert data != phone_photo(2)


def test_the_link_with_tiny_tiles_is_one_that_the_page_reads() -> None:
    recipe = from_link(_tiny_tiles().partition("=")[2])
    assert recipe.config.size == 1024
    assert len(recipe.regions) == 8
