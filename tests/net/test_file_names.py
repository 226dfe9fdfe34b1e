from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, strategies as st

from nephila.net.file_names import MAX_NAME_BYTES, is_attachment, is_device, proposed_name, safe_name


@pytest.mark.parametrize(
    ("proposed", "content_type", "name"),
    [
        ("report.pdf", "application/pdf", "report.pdf"),
        ("Bericht für März.pdf", "", "Bericht für März.pdf"),
        ("report", "application/pdf; version=1", "report.pdf"),
        ("data.tar.gz", "application/gzip", "data.tar.gz"),
        ("", "image/png", "download.png"),
        ("", "", "download"),
        ("../../etc/passwd", "", "_.._etc_passwd"),
        ("..\\..\\boot.ini", "", "_.._boot.ini"),
        (".htaccess", "", "htaccess"),
        ("...", "", "download"),
        (" spaces . ", "", "spaces"),
        ("CON.txt", "", "_CON.txt"),
        ("nul", "", "_nul"),
        ("com1.tar.gz", "", "_com1.tar.gz"),
        ("a\x00b\nc\x1b[31m.txt", "", "ab c[31m.txt"),
        ("exe\u202efdp.exe", "", "exefdp.exe"),
        ("a:b?c*d|e<f>g.txt", "", "a_b_c_d_e_f_g.txt"),
        ("x." + "y" * 100, "text/plain", "x." + "y" * 100 + ".txt"),
        ("é" * 200 + ".pdf", "", "é" * 73 + ".pdf"),
    ],
)
def test_safe_name(proposed: str, content_type: str, name: str) -> None:
    assert safe_name(proposed, content_type) == name


@given(st.text(), st.sampled_from(["", "application/pdf", "image/png", "nonsense"]))
def test_no_name_leaves_its_folder(proposed: str, content_type: str) -> None:
    name = safe_name(proposed, content_type)
    assert name and len(name.encode()) <= MAX_NAME_BYTES
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f\x7f]', name)
    assert name[0] not in ". " and name[-1] not in ". "
    assert not is_device(name)
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs") for letter in name)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="a b.pdf"', "a b.pdf"),
        ("attachment; filename=a.pdf", "a.pdf"),
        ("attachment; filename=a.pdf; size=3", "a.pdf"),
        ("attachment;FILENAME=a.pdf", "a.pdf"),
        ("attachment; filename=\"EURO.txt\"; filename*=UTF-8''%e2%82%ac%20rates.txt", "€ rates.txt"),
        ("attachment; filename*=iso-8859-1'en'%A3.txt; filename=x.txt", "£.txt"),
        ("attachment; filename*=no-such'en'%A3.txt; filename=x.txt", "x.txt"),
        ("attachment; filename*=broken; filename=x.txt", "x.txt"),
        (r'attachment; filename="a\"b\\c.txt"', "c.txt"),
        ('attachment; name="; filename=evil"; filename=good.txt', "good.txt"),
        ("attachment; filename=%D0%96.txt", "Ж.txt"),
        ('attachment; filename="/etc/passwd"', "passwd"),
        ('attachment; filename="..\\..\\x.dll"', "x.dll"),
        ('attachment; filename="unclosed', "unclosed"),
        ('attachment; filename=""', "from url.bin"),
        ("attachment", "from url.bin"),
        ("", "from url.bin"),
    ],
)
def test_proposed_name(header: str, name: str) -> None:
    assert proposed_name(header, "https://example.com/a/from%20url.bin?x=/y#z") == name


def test_a_url_without_a_name() -> None:
    assert proposed_name("", "https://example.com") == ""
    assert proposed_name("", "https://example.com/files/") == "files"


def test_attachment() -> None:
    assert is_attachment("Attachment; filename=a") and is_attachment(" attachment ")
    assert not is_attachment("inline; filename=attachment") and not is_attachment("")


def test_a_long_header_takes_no_time() -> None:
    assert proposed_name('; filename="' * 100_000, "https://example.com/a") is not None
