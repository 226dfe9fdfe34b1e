from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from nephila import CompilationResult, ErrorDetail, ValidationResult, c4a_compile, c4a_compile_file, c4a_validate
from nephila.c4a import syntax
from nephila.errors import ConfigError
from nephila.options import CrawlerRunConfig


@pytest.mark.parametrize(
    ("source", "command"),
    [
        ("WAIT 1.5", syntax.Pause(1.5)),
        ("WAIT `.a`", syntax.WaitFor("selector", ".a", 10)),
        ('WAIT "a b" 3', syntax.WaitFor("text", "a b", 3)),
        ("GO https://e.com/a?b=(c),#d", syntax.Go("https://e.com/a?b=(c),#d")),
        ('GO "https://e.com/ä b"', syntax.Go("https://e.com/ä b")),
        ("RELOAD", syntax.Travel("reload")),
        ("BACK", syntax.Travel("back")),
        ("FORWARD # on", syntax.Travel("forward")),
        ('CLICK `a[href="x"]`', syntax.Click("click", 'a[href="x"]')),
        ("DOUBLE_CLICK 1 2.5", syntax.Click("double", (1, 2.5))),
        ("RIGHT_CLICK `a`", syntax.Click("right", "a")),
        ("MOVE 1 2", syntax.Move(1, 2)),
        ("DRAG 1 2 3 4", syntax.Drag((1, 2), (3, 4))),
        ("SCROLL UP", syntax.Scroll(0, -500)),
        ("SCROLL RIGHT 30", syntax.Scroll(30, 0)),
        ('TYPE "a\\n\\"b\\""', syntax.Type('a\n"b"')),
        ('TYPE "C:\\data"', syntax.Type("C:\\data")),
        ("CLEAR `#a`", syntax.Fill("#a", "")),
        ('SET `#a` "b"', syntax.Fill("#a", "b")),
        ("PRESS Control+A", syntax.Key("press", "Control+A")),
        ('KEY_DOWN "+"', syntax.Key("down", "+")),
        ("KEY_UP 1", syntax.Key("up", "1")),
        ("EVAL `a\nb`", syntax.Eval("a\nb")),
        ("SETVAR a = 5\nSETVAR $b = $a\nTYPE $b", syntax.Type("5")),
        (
            "IF (NOT EXISTS `a`)\n  THEN BACK\n  ELSE RELOAD",
            syntax.If(syntax.Condition("exists", "a", True), syntax.Travel("back"), syntax.Travel("reload")),
        ),
        ("REPEAT (BACK, 3)", syntax.Repeat(syntax.Travel("back"), 3)),
        ("REPEAT (GO https://e.com, `a`)", syntax.Repeat(syntax.Go("https://e.com"), "a")),
        ("p\nPROC p\nBACK\nENDPROC", syntax.Block("p", (syntax.Travel("back"),))),
    ],
)
def test_commands(source: str, command: syntax.Command) -> None:
    result = c4a_compile(source)
    assert result.errors == []
    assert list(result.program) == [command]
    assert result.js_code is not None and len(result.js_code) == 1


@pytest.mark.parametrize(
    ("source", "line", "column", "words"),
    [
        ("BACK\n  CLIKC `a`", 2, 3, "no command or procedure CLIKC"),
        ("WAIT", 1, 1, "WAIT needs"),
        ("WAIT\n3", 1, 1, "WAIT needs"),
        ("TYPE $x", 1, 6, "no variable $x"),
        ("GO ftp://a", 1, 4, "GO needs a URL"),
        ('GO "javascript:alert(1)"', 1, 4, "https://"),
        ("CLICK `a", 1, 7, "not closed"),
        ('TYPE "a', 1, 6, "not closed"),
        ("CLICK ``", 1, 7, "empty"),
        ("SCROLL DONW", 1, 8, "UP, DOWN"),
        ("IF (`a`) BACK", 1, 10, "THEN"),
        ("IF (EXISTS) THEN BACK", 1, 11, "selector"),
        ("REPEAT (BACK 3)", 1, 14, "','"),
        ("REPEAT (BACK, 1.5)", 1, 15, "whole number"),
        ("REPEAT (BACK, 99999)", 1, 15, "10,000"),
        ("IF (`a`) THEN SETVAR a = 1", 1, 15, "SETVAR"),
        ("PROC a\nBACK", 1, 1, "no ENDPROC"),
        ("ENDPROC", 1, 1, "without a PROC"),
        ("PROC a\n a\nENDPROC\na", 2, 2, "calls itself"),
        ("PROC a\nENDPROC\nPROC a\nENDPROC", 3, 6, "two procedures"),
        ("PROC a\n CLICK\nENDPROC", 2, 2, "CLICK needs"),
        ('USE "a"', 1, 5, "no folder"),
        ("5", 1, 1, "command is missing"),
        ("THEN", 1, 1, "cannot stand here"),
        ("IF (`a`) THEN " * 60 + "BACK", 1, 701, "deep"),
    ],
)
def test_faults_say_where_they_are(source: str, line: int, column: int, words: str) -> None:
    result = c4a_compile(source)
    assert not result.success and result.has_errors and result.js_code is None
    first = result.first_error
    assert first is not None
    assert (first.line, first.column) == (line, column), first.formatted_message
    assert words in first.message
    assert first.source_line == source.splitlines()[line - 1]
    assert "^" in first.formatted_message and first.simple_message.startswith(f"Line {line}, column {column}: ")


def test_every_fault_is_told_once_and_in_order() -> None:
    result = c4a_validate("CLICK\nBACK\nTYPE $a\nPROC p\n WAIT\nENDPROC\np\np\nFOO")
    assert isinstance(result, ValidationResult) and not result.valid
    assert [error.line for error in result.errors] == [1, 3, 5, 9]
    assert result.first_error is not None and result.first_error.line_after == "BACK"
    json.dumps(result.to_dict())
    assert len(c4a_validate("FOO\n" * 100).errors) == 20


def test_a_result_is_plain_data() -> None:
    result = c4a_compile(["PROC p", "ENDPROC", "BACK"])
    assert isinstance(result, CompilationResult) and result.success and result.has_warnings
    data = json.loads(result.to_json())
    assert data["metadata"] == {"lines": 3, "commands": 1, "procedures": ["p"]}
    assert data["warnings"][0]["severity"] == "warning" and data["js_code"] == result.js_code
    error = c4a_compile("CLIK `a`").first_error
    assert isinstance(error, ErrorDetail)
    assert error.to_dict()["suggestions"] == ["Did you mean CLICK?"]
    assert (error.type, error.severity, error.end_column) == ("semantic", "error", 5)


@pytest.mark.parametrize(
    "text", ['"', "\\", "`", "${x}", "</script>", "\u2028", "'+alert(1)+'", "\x00", "\ud83d\ude00"]
)
def test_no_text_ends_its_string(text: str) -> None:
    literal = json.dumps(text)
    result = c4a_compile(f"SETVAR a = {literal}\nTYPE $a\nSET `#x` $a\nWAIT $a")
    assert result.success and result.js_code is not None
    for code in result.js_code:
        assert "</script" not in code and "\u2028" not in code
        assert json.dumps(text).replace("<", "\\u003c") in code
    go = c4a_compile('GO "https://e.com/\\"+alert(1)+\\""').js_code
    assert go == ['(async () => { window.location.href = "https://e.com/\\"+alert(1)+\\""; })()']


def test_use_reads_from_its_folder_only(tmp_path: Path) -> None:
    root = tmp_path / "scripts"
    (root / "sub").mkdir(parents=True)
    (tmp_path / "secret.c4a").write_text("BACK")
    (root / "sub" / "login.c4a").write_text("PROC login\nBACK\nENDPROC\nRELOAD")
    (root / "bad.c4a").write_text("BACK\nFOO")
    (root / "loop.c4a").write_text('USE "loop.c4a"')
    (root / "link.c4a").symlink_to(tmp_path / "secret.c4a")
    good = c4a_compile('USE "sub/login.c4a"\nlogin', root=root)
    assert list(good.program) == [syntax.Travel("reload"), syntax.Block("login", (syntax.Travel("back"),))]
    for name in (
        "../secret.c4a",
        str(tmp_path / "secret.c4a"),
        "link.c4a",
        "/etc/passwd",
        "none",
        "sub",
        "loop.c4a",
        "a\\u0000b",
    ):
        result = c4a_compile(f'USE "{name}"', root=root)
        assert result.first_error is not None and result.first_error.type == "file", name
    bad = c4a_compile('USE "bad.c4a"', root=root).first_error
    assert bad is not None and bad.line == 2 and "bad.c4a" in bad.message and bad.source_line == "FOO"


def test_a_file_is_compiled(tmp_path: Path) -> None:
    (tmp_path / "part.c4a").write_text("BACK")
    file = tmp_path / "main.c4a"
    file.write_text('USE "part.c4a"')
    assert list(c4a_compile_file(file).program) == [syntax.Travel("back")]
    missing = c4a_compile_file(tmp_path / "none.c4a")
    assert missing.first_error is not None and missing.first_error.type == "file"


def test_hostile_scripts_cost_little() -> None:
    doubling = "PROC a0\nBACK\nENDPROC\n" + "".join(f"PROC a{n}\na{n - 1}\na{n - 1}\nENDPROC\n" for n in range(1, 40))
    started = time.monotonic()
    for script in (doubling + "a39", '"' * 100_000, "`" * 100_001, "(" * 100_000, "BACK\n" * 20_000, "#" * 2_000_000):
        assert not c4a_compile(script).success
    assert time.monotonic() - started < 10


def test_a_config_refuses_a_wrong_script() -> None:
    with pytest.raises(
        ConfigError, match=r"(?s)c4a_script.*Line 2, column 1: There is no command or procedure CLIK.*\^"
    ):
        CrawlerRunConfig(c4a_script="BACK\nCLIK `a`")
    with pytest.raises(ValueError, match="USE"):
        CrawlerRunConfig().clone(c4a_script=['USE "/etc/passwd"'])
    config = CrawlerRunConfig(c4a_script="BACK")
    assert CrawlerRunConfig.load(config.dump()).c4a_script == config.clone().c4a_script == "BACK"
