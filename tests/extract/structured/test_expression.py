import json
import pickle
import time

import pytest

from nephila.extract.structured.expression import FUNCTIONS, Expression, ExpressionError

RECORD = {"price": "1,234.50", "n": 2, "f": 0.5, "name": " Café ", "tags": ["a", "b"], "more": {"x": 1}, "on": True}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("n + 1", 3),
        ("n * f - 3", -2.0),
        ("7 // n, 7 % n, 7 / n", [3, 1, 3.5]),
        ("n ** 10", 1024),
        ("-n", -2),
        ("not on", False),
        ("float(price.replace(',', '')) * n", 2469.0),
        ("int('12') + len(tags)", 14),
        ("name.strip().upper()", "CAFÉ"),
        ("lower(strip(name))", "café"),
        ("'a' + str(n)", "a2"),
        ("'ab' * n", "abab"),
        ("f'{name.strip()}: {float(f):.2f} {n:>3}'", "Café: 0.50   2"),
        ("f'{n!r}'", "2"),
        ("price.split(',')[0]", "1"),
        ("price[:1] + price[-2:]", "150"),
        ("', '.join(tags)", "a, b"),
        ("'a' in tags and 'z' not in tags", True),
        ("1 < n <= 2", True),
        ("n == 2 or missing > 3", True),
        ("'x' if missing is None else 'y'", "x"),
        ("missing or 'none'", "none"),
        ("more['x']", 1),
        ("round(2.567, 1), round(2.5), abs(-3)", [2.6, 2, 3]),
        ("min(3, n), max([1, 5]), sum([1, 2])", [2, 5, 3]),
        ("name.strip().startswith('C') and endswith(name, ' ')", True),
        ("format(1234567, ',')", "1,234,567"),
        ("bool('')", False),
        ("title('a b')", "A B"),
    ],
)
def test_values_are_those_of_python(source, value):
    assert Expression(source)(RECORD) == value
    assert pickle.loads(pickle.dumps(Expression(source)))(RECORD) == value


@pytest.mark.parametrize(
    "source",
    [
        "", " ", "n +", "n; n", "import os", "x = 1", "(y := 1)", "lambda: 1", "[x for x in tags]", "{1, 2}",
        "{'a': 1}",
        "eval('1')", "exec('1')", "compile('1', '', 'eval')", "open('/etc/passwd')", "__import__('os')",
        "getattr(n, 'real')",
        "n.__class__", "''.__class__.__mro__", "name.encode()", "name.format(n)", "'{0.__class__}'.format(n)",
        "name.upper",
        "print(n)", "str(object=n)", "max(*tags)", "await n", "yield n", "n @ n", "n << 5", "n | 1", "~n", "b'x'", "1j",
        "...",
        "(lambda: 1)()", "tags[0]()", "globals()", "type(n)", "name.__len__()", "9" * 200, "*tags", "n if n",
    ],
)  # fmt: skip
def test_everything_else_is_refused_when_it_is_made(source):
    with pytest.raises(ExpressionError):
        Expression(source)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("n / 0", "ZeroDivisionError"),
        ("missing + 1", "TypeError: a number is needed, not a NoneType"),
        ("price + n", "TypeError"),
        ("'%s' % name", "TypeError"),
        ("int(name)", "ValueError"),
        ("tags[9]", "IndexError"),
        ("more['y']", "KeyError"),
        ("tags * 9", "TypeError"),
        ("n < name", "TypeError"),
        ("9 ** 9 ** 9", "too large"),
        ("2 ** -999999999", "too large"),
        ("9.0 ** 999", "OverflowError"),
        ("1e308 * 10", "not finite"),
        ("float('nan')", "not finite"),
        ("'a' * 999999999", "more than"),
        ("('a' * 999999).replace('a', 'a' * 999999)", "more than"),
        ("('a' * 9999).replace('', 'a' * 9999)", "more than"),
        ("'x'.join(('a ' * 500000).split()).join(('a ' * 500000).split())", "more than"),
        ("int('9' * 400)", "too large"),
        ("int('9' * 99999)", "ValueError"),
        ("format(1, '999999999')", "not a format"),
        ("f'{n:{999999999}}'", "not a format"),
        ("f'{n:>99999}'", "not a format"),
        ("round(f, 99999)", "30 digits"),
        ("(-8) ** 0.5", "not a real number"),
        ("replace(name)", "TypeError"),
    ],
)
def test_what_has_no_value_says_why(source, reason):
    start = time.perf_counter()
    with pytest.raises(ExpressionError, match=reason):
        Expression(source)(RECORD)
    assert time.perf_counter() - start < 2


def test_size_is_limited():
    with pytest.raises(ExpressionError, match="1,000 characters"):
        Expression("1 + " * 300 + "1")
    with pytest.raises(ExpressionError, match="40 levels"):
        Expression("-" * 100 + "1")
    with pytest.raises(ExpressionError):
        Expression("(" * 490 + "1" + ")" * 490)


def test_the_names_it_uses():
    assert Expression("len(tags) + n if on else upper(name)").names == {"tags", "n", "on", "name"}


def test_nothing_that_reaches_the_system_can_be_called():
    assert not set(FUNCTIONS) & {"eval", "exec", "open", "getattr", "type", "vars", "input", "breakpoint", "compile"}
    json.dumps([Expression(f"{name}")({name: name}) for name in FUNCTIONS])
