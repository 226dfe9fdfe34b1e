from time import process_time

import pytest

from nephila.extract.citations import convert_links_to_citations

HEADING = "\n\n## References\n\n"


def convert(markdown, base_url="https://example.com/dir/page"):
    return convert_links_to_citations(markdown, base_url)


def test_a_link_becomes_its_text_and_a_mark():
    text, references = convert("See [the docs](https://a.example/x) now.")
    assert text == "See the docs⟨1⟩ now."
    assert references == f"{HEADING}⟨1⟩ https://a.example/x: the docs\n"


def test_one_number_per_url_in_order_of_appearance():
    text, references = convert("[a](https://x/1) [b](https://x/2) [c](https://x/1)")
    assert text == "a⟨1⟩ b⟨2⟩ c⟨1⟩"
    assert references.count("⟨1⟩") == references.count("⟨2⟩") == 1


def test_title_and_text_describe_the_reference():
    _, references = convert('[text](https://x/ "A \\"big\\" title") [same](https://y/ "same")')
    assert '⟨1⟩ https://x/: A "big" title - text\n' in references
    assert "⟨2⟩ https://y/: same\n" in references


@pytest.mark.parametrize(
    ("destination", "url"),
    [
        ("https://x/a_(b)", "https://x/a_(b)"),
        ("https://x/a_(b(c)d)e", "https://x/a_(b(c)d)e"),
        (r"https://x/a\)b", "https://x/a)b"),
        ("<https://x/a b>", "https://x/a b"),
        (r"<https://x/a\>b>", "https://x/a>b"),
        ("https://x/?q=[1]&r=*", "https://x/?q=[1]&r=*"),
    ],
)
@pytest.mark.parametrize("title", ["", ' "t"', " 't'", " (t)", '\n"t"'])
def test_destinations_of_every_form(destination, url, title):
    text, references = convert(f"a [b]({destination}{title}) c")
    assert text == "a b⟨1⟩ c"
    assert f"⟨1⟩ {url}:" in references


@pytest.mark.parametrize(
    ("link_text", "written"),
    [
        ("`f[0]`", "`f[0]`"),
        ("a [b] c", "a [b] c"),
        (r"a \[ b", r"a \[ b"),
        ("![alt](https://x/i.png)", "![alt](https://x/i.png)"),
        ("![a [b] c](https://x/i(1).png) more!", "![a [b] c](https://x/i(1).png) more!"),
        ("two\nlines", "two\nlines"),
        ("", ""),
    ],
)
def test_link_texts_of_every_form(link_text, written):
    text, references = convert(f"[{link_text}](https://y/)")
    assert text == f"{written}⟨1⟩"
    assert "⟨1⟩ https://y/" in references


def test_an_image_alone_describes_its_link_by_its_alternative_text():
    assert "⟨1⟩ https://y/: logo\n" in convert("[![logo](https://x/i.png)](https://y/)")[1]


@pytest.mark.parametrize(
    "markdown",
    [
        "![alt](https://x/i.png)",
        "`[a](https://x/)`",
        "``[a](https://x/) ` ``",
        "```\n[a](https://x/)\n```",
        "~~~text\n[a](https://x/)\n~~~",
        "````\n```\n[a](https://x/)\n```\n````",
        "- x\n  ```py\n  [a](https://x/)\n  ```",
        "> ```\n> [a](https://x/)\n> ```",
        "```\n[a](https://x/) in a fence that never closes",
        r"\[a](https://x/)",
        "[a] (https://x/)",
        "[a](https://x/ b)",
        "[a\n\nb](https://x/)",
        "`<https://x/>`",
        "[not a link]",
    ],
)
def test_what_is_no_link_stays(markdown):
    assert convert(markdown) == (markdown, "")


def test_text_around_code_is_still_read():
    text, _ = convert("`x` [a](https://x/) ```\n[b](https://y/)")
    assert text == "`x` a⟨1⟩ ```\nb⟨2⟩"
    assert convert("```\ncode\n```\n[a](https://x/)")[0] == "```\ncode\n```\na⟨1⟩"


def test_a_code_span_does_not_leave_its_paragraph():
    assert convert("a ` b\n\n[c](https://x/) ` d")[0] == "a ` b\n\nc⟨1⟩ ` d"


def test_the_inner_of_two_nested_links_is_the_link():
    assert convert("[a [b](https://x/) c](https://y/)")[0] == "[a b⟨1⟩ c](https://y/)"


def test_autolinks_keep_their_text():
    text, references = convert("<https://x/> [a](https://x/)")
    assert text == "<https://x/>⟨1⟩ a⟨1⟩"
    assert references == f"{HEADING}⟨1⟩ https://x/\n"


def test_relative_links_resolve_against_the_base():
    _, references = convert("[a](../b) [c](https://example.com/b) [m](mailto:a@b.example)")
    assert references == f"{HEADING}⟨1⟩ https://example.com/b: a\n⟨2⟩ mailto:a@b.example: m\n"
    assert "⟨1⟩ ../b: a" in convert("[a](../b)", "")[1]


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "[",
            "](",
            "[a](",
            "[a](b ",
            '[a](b "',
            "[a](<",
            "[a](b(",
            "![",
            "[![a](",
            "[[a]",
            "[`",
            "` `` ",
            "`\\",
            "\\",
        ),
        *("```\n", "~~~\n", "``` ", "> ```\n", "<http://", "\n", "[\n", "[a](u) "),
    ],
)
def test_hostile_text_takes_linear_time(unit):
    started = process_time()
    text, _ = convert(unit * (1_000_000 // len(unit)))
    assert text
    assert process_time() - started < 20


def test_five_megabytes_of_brackets():
    started = process_time()
    assert convert("[" * 5_000_000)[0] == "[" * 5_000_000
    assert convert("](" * 2_500_000)[0] == "](" * 2_500_000
    assert process_time() - started < 20


def test_runs_of_backticks_of_every_length_take_linear_time():
    line = " ".join("`" * length for length in range(1, 1_400))
    started = process_time()
    assert convert(f"{line}\n\n{line}")[0]
    assert process_time() - started < 20
