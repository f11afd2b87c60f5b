"""Files from strangers: whatever they hold, the server gets a picture or one sentence, in time and within bounds."""

import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.errors import ImageError, MaskError
from nst.masks.mask import read_mask
from nst.pictures.codec import (
    MAX_PIXELS,
    MAX_RECIPE_BYTES,
    RECIPE_KEYWORD,
    read_picture,
    read_recipe_text,
    read_thumbnail,
    resize_to,
)
from nst.server.decoder import Decoder
from tests.support.files import chunk, colourful, noisy, png, saved
from tests.support.waiting import until

pytestmark = pytest.mark.slow  # each file starts a process

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    decoder = Decoder(seconds=30)
    yield decoder
    decoder.close()


def refusal(decoder: Decoder, data: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        decoder.read(data, "me.png")
    sentence = str(caught.value)
    assert sentence.startswith("me.png: ")
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_pictures_and_notes_come_back_as_if_decoded_here(decoder: Decoder, kind: str) -> None:
    frames = [noisy(20, 30), noisy(20, 30)]
    several = {} if kind in ("JPEG", "BMP") else {"save_all": True, "append_images": frames[1:]}
    data = saved(frames[0], kind, **several)
    here, there = read_picture(data, "a"), decoder.read(data, "a")
    np.testing.assert_array_equal(there.pixels, here.pixels)
    assert there.notes == here.notes
    assert not there.pixels.flags.writeable


def test_no_more_pixels_come_back_than_are_wanted(decoder: Decoder) -> None:
    data = saved(Image.fromarray(colourful(600, 900)), "JPEG")
    whole = read_picture(data).pixels
    np.testing.assert_array_equal(decoder.read(data, shape=(60, 90)).pixels, resize_to(whole, 60, 90))
    np.testing.assert_array_equal(decoder.read(data, shape=whole.shape[:2]).pixels, whole)
    here, there = read_thumbnail(data, 128), decoder.read_thumbnail(data, 128)
    np.testing.assert_array_equal(there.pixels, here.pixels)
    assert (there.shape, there.notes) == (here.shape, here.notes) == ((600, 900), ())


def test_the_sentences_are_the_same(decoder: Decoder) -> None:
    for data in (b"", b"text", saved(noisy(), "PNG")[:300], png(30_000, 30_000, 8, 2, b"")):
        with pytest.raises(ImageError) as caught:
            read_picture(data, "me.png")
        assert refusal(decoder, data) == str(caught.value)


def test_the_largest_picture_fits_into_the_memory_of_a_public_demo() -> None:
    decoder = Decoder(seconds=60, megabytes=1200)
    try:
        side = int(MAX_PIXELS**0.5)
        assert decoder.read(saved(Image.new("RGBA", (side, side), (9, 9, 9, 99)), "PNG")).pixels.shape[0] == side
    finally:
        decoder.close()


def test_a_picture_that_needs_more_memory_is_refused_and_the_next_one_read() -> None:
    decoder = Decoder(seconds=60, megabytes=512)
    try:
        side = int(MAX_PIXELS**0.5)
        large = saved(Image.new("RGBA", (side, side), (9, 9, 9, 99)), "PNG")
        assert "in the memory there is" in refusal(decoder, large) or "cannot be decoded" in refusal(decoder, large)
        np.testing.assert_array_equal(decoder.read(saved(noisy(), "PNG")).pixels, np.asarray(noisy()))
    finally:
        decoder.close()


def test_of_a_hundred_frames_only_the_first_costs_memory() -> None:
    frames = [Image.new("L", (1000, 1000), level) for level in range(100)]
    decoder = Decoder(seconds=60, megabytes=512)  # all of them would be 300 MB of pixels
    try:
        picture = decoder.read(
            saved(frames[0], "GIF", save_all=True, append_images=frames[1:], optimize=False), "dance"
        )
    finally:
        decoder.close()
    assert picture.pixels.shape == (1000, 1000, 3)
    assert picture.notes == ("dance: it is animated; the first frame is used.",)


def test_a_file_that_takes_too_long_is_refused_and_its_process_is_gone() -> None:
    decoder = Decoder(seconds=1)
    try:
        process = decoder._spare
        os.kill(process.pid, signal.SIGSTOP)  # stands for a decoder that never comes back
        start = time.monotonic()
        assert "can be read in 1 seconds" in refusal(decoder, saved(noisy(), "PNG"))
        assert time.monotonic() - start < 30
        assert process.returncode == -signal.SIGKILL
    finally:
        decoder.close()


def test_a_file_that_keeps_the_processor_busy_is_refused_in_the_same_words() -> None:
    decoder = Decoder(seconds=1)
    try:
        process = decoder._spare
        os.kill(process.pid, signal.SIGSTOP)

        def run_out_of_time() -> None:
            os.kill(process.pid, signal.SIGXCPU)  # what the system sends when the seconds are used up
            os.kill(process.pid, signal.SIGCONT)

        threading.Timer(1, run_out_of_time).start()  # when it has the file
        assert "can be read in 1 seconds" in refusal(decoder, saved(noisy(), "PNG"))
        assert process.returncode == -signal.SIGXCPU
    finally:
        decoder.close()


def test_a_machine_that_is_busy_with_others_does_not_refuse_a_file() -> None:
    decoder = Decoder(seconds=2)
    try:
        process = decoder._spare
        os.kill(process.pid, signal.SIGSTOP)
        threading.Timer(3, os.kill, (process.pid, signal.SIGCONT)).start()  # later than the processor's seconds
        assert decoder.read(saved(noisy(), "PNG")).pixels.shape == (64, 64, 3)
    finally:
        decoder.close()


def test_a_crash_of_the_decoder_costs_one_sentence(decoder: Decoder) -> None:
    decoder._spare.kill()
    decoder._spare.wait()
    decoder._spare.stdin.close()
    decoder.read(saved(noisy(), "PNG"))  # a process that is dead already is not used
    process = decoder._spare
    os.kill(process.pid, signal.SIGSTOP)
    threading.Timer(0.5, process.kill).start()
    assert "cannot be decoded" in refusal(decoder, saved(noisy(), "PNG"))


def test_no_process_is_left_and_an_idle_one_ends_with_its_server() -> None:
    code = "import os; from nst.server.decoder import Decoder; print(Decoder()._spare.pid, flush=True); os._exit(1)"
    pid = int(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout)
    until(lambda: not Path(f"/proc/{pid}").exists(), 20)


def test_the_process_is_confined() -> None:
    code = (
        "import resource; from nst.server.decoder import _confine; _confine(3.5, 600);"
        "print([resource.getrlimit(kind)[0] for kind in"
        " (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE)])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([600 * 2**20, 4, 0, 0])


def test_what_the_system_does_not_protect_by_is_said_once_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    code = "import sys; from nst.server import decoder, sandbox; sandbox.enter = lambda: sandbox.PROTECTIONS[:1];"
    code += "sys.argv[1:] = ['30', '1000']; decoder.main()"
    monkeypatch.setattr(Decoder, "_start", lambda _: piped([sys.executable, "-c", code]))
    decoder = Decoder(seconds=30)
    try:
        for _ in range(2):
            decoder.read(saved(noisy(), "PNG"))
    finally:
        decoder.close()
    assert [record.message for record in caplog.records] == [
        "Files of visitors are decoded without a network namespace: this system allows none."
    ]


def test_many_at_once_each_get_their_own(decoder: Decoder) -> None:
    pictures = [np.full((20, 20, 3), level, np.uint8) for level in range(8)]
    found: dict[int, np.ndarray] = {}

    def read(level: int) -> None:
        found[level] = decoder.read(saved(Image.fromarray(pictures[level]), "PNG")).pixels

    threads = [threading.Thread(target=read, args=(level,)) for level in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for level, picture in enumerate(pictures):
        np.testing.assert_array_equal(found[level], picture)


# Masks

RAMP = np.tile(np.linspace(0, 1, 80, dtype=np.float32), (60, 1))
EIGHT, SIXTEEN = np.rint(RAMP * 255).astype(np.uint8), np.rint(RAMP * 65535).astype(np.uint16)


@pytest.mark.parametrize(
    "data",
    [
        saved(Image.fromarray(EIGHT), "PNG"),
        saved(Image.fromarray(SIXTEEN), "PNG"),
        saved(Image.fromarray(np.dstack([*[255 - EIGHT] * 3, EIGHT])), "PNG"),
        saved(Image.fromarray(EIGHT).resize((160, 120)), "PNG"),
        saved(Image.fromarray(EIGHT), "WEBP", lossless=True),
    ],
    ids=["8 bits", "16 bits", "alpha", "larger", "WebP"],
)
def test_a_mask_comes_back_as_if_read_here(decoder: Decoder, data: bytes) -> None:
    mask = decoder.read_mask(data, RAMP.shape, "sky")
    assert mask.dtype == np.float32
    np.testing.assert_array_equal(mask, read_mask(data, RAMP.shape, "sky"))
    np.testing.assert_allclose(mask, RAMP, atol=0.01)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        saved(Image.fromarray(EIGHT), "PNG")[:90],
        png(30_000, 30_000, 8, 0, b""),
        saved(Image.fromarray(EIGHT[:, :60]), "PNG"),
        saved(Image.fromarray(np.zeros_like(EIGHT)), "PNG"),
        saved(Image.fromarray(RAMP), "TIFF"),
    ],
    ids=["empty", "no picture", "truncated", "bomb", "proportions", "covers nothing", "floating point"],
)
def test_what_is_no_mask_is_refused_in_the_same_words(decoder: Decoder, data: bytes) -> None:
    with pytest.raises((ImageError, MaskError)) as here:
        read_mask(data, RAMP.shape, "sky\nblue")
    with pytest.raises(here.type) as there:
        decoder.read_mask(data, RAMP.shape, "sky\nblue")
    assert str(there.value) == str(here.value)
    assert "\n" not in str(there.value)


@pytest.mark.parametrize("kind", ["RGBA", "I;16"])
def test_the_largest_mask_fits_into_the_memory_of_a_public_demo(kind: str) -> None:
    decoder = Decoder(seconds=60, megabytes=1200)
    side = int(MAX_PIXELS**0.5)
    colour = (9, 9, 9, 51) if kind == "RGBA" else 13107
    try:
        mask = decoder.read_mask(saved(Image.new(kind, (side, side), colour), "PNG"), (100, 100), "sky")
    finally:
        decoder.close()
    np.testing.assert_allclose(mask, np.full((100, 100), 0.2, np.float32), rtol=1e-6)


def test_a_process_that_answers_with_no_mask_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a picture that takes over the decoder could send back: other sizes, and numbers that are no shares."""
    for shape, value in (((60, 81), 0.5), ((60, 80), 1.5), ((60, 80), float("nan"))):
        answer = json.dumps({"shape": shape, "notes": []}).encode()
        body = struct.pack("<I", len(answer)) + answer + np.full(shape, value, np.float32).tobytes()
        liar = f"import sys; sys.stdin.buffer.read(8); sys.stdout.buffer.write(bytes.fromhex({body.hex()!r}))"
        monkeypatch.setattr(Decoder, "_start", lambda _, code=liar: piped([sys.executable, "-c", code]))
        decoder = Decoder(seconds=30)
        try:
            with pytest.raises(ImageError, match="cannot be decoded"):
                decoder.read_mask(saved(Image.fromarray(EIGHT), "PNG"), RAMP.shape, "sky")
        finally:
            decoder.close()


def piped(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


# Recipes in PNGs


def with_chunks(*chunks: bytes) -> bytes:
    return png(1, 1, 8, 0, b"\0\0", *chunks)


KEYWORD = RECIPE_KEYWORD.encode()


@pytest.mark.parametrize(
    "text",
    [
        chunk(b"iTXt", KEYWORD + b"\0\0\0\0\0{}"),
        chunk(b"iTXt", KEYWORD + b"\0\1\0en\0Rezept\0" + zlib.compress(b"{}")),
        chunk(b"tEXt", KEYWORD + b"\0{}"),
        chunk(b"zTXt", KEYWORD + b"\0\0" + zlib.compress(b"{}")),
    ],
)
def test_a_recipe_is_read_whichever_text_chunk_another_program_moved_it_to(text: bytes) -> None:
    assert read_recipe_text(with_chunks(chunk(b"tEXt", b"Software\0x"), text)) == "{}"


BOMB = zlib.compress(b" " * 10**8)


@pytest.mark.parametrize(
    "text",
    [
        chunk(b"zTXt", KEYWORD + b"\0\0" + BOMB),
        chunk(b"iTXt", KEYWORD + b"\0\1\0\0\0" + BOMB),
        chunk(b"iTXt", KEYWORD + b"\0\0\0\0\0" + b"x" * (MAX_RECIPE_BYTES + 1)),
        chunk(b"zTXt", KEYWORD + b"\0\0nonsense"),
        chunk(b"iTXt", KEYWORD + b"\0\0\0\0\0\xff\xff"),
        chunk(b"iTXt", KEYWORD + b"\0"),
        chunk(b"tEXt", KEYWORD + b"\0{}")[:-1] + b"?",
        struct.pack(">I", 2**31) + b"tEXt" + KEYWORD + b"\0{}",
        chunk(b"tEXt", b"") * 2000 + chunk(b"tEXt", KEYWORD + b"\0{}"),
    ],
    ids=["bomb", "iTXt bomb", "long", "no zlib", "no UTF-8", "cut", "checksum", "lying length", "many chunks"],
)
def test_a_hostile_text_chunk_is_no_recipe(text: bytes) -> None:
    assert read_recipe_text(with_chunks(text)) in (None, "")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (chunk(b"zTXt", b"x\0\0" + BOMB), False),
        (chunk(b"tEXt", b"x\0" + b"y" * 10**7), True),
        (chunk(b"iCCP", b"x\0\0" + BOMB), False),
    ],
    ids=["zTXt bomb", "long tEXt", "iCCP bomb"],
)
def test_huge_text_beside_the_picture_is_ignored_or_refused(decoder: Decoder, text: bytes, read: bool) -> None:
    data = png(32, 24, 8, 2, b"".join(b"\0" + row.tobytes() for row in colourful()), text)
    if read:
        np.testing.assert_array_equal(decoder.read(data).pixels, colourful())
    else:
        assert "damaged" in refusal(decoder, data)  # Pillow refuses texts and profiles above a bound of its own
