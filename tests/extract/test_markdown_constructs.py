"""What real pages are made of, and the Markdown it becomes."""

import pytest

from tests.extract.reading import read_well

SEMANTICS = '<semantics><mi>x</mi><annotation encoding="application/x-tex">{}</annotation></semantics>'

STYLED = "{\\displaystyle x}"
CONSTRUCTS = {
    "a loose list": ("<ul><li><p>a</p></li><li><p>b</p></li></ul>", "- a\n\n- b"),
    "a loose list in a quotation": (
        "<blockquote><ul><li><p>a</p></li><li><p>b</p></li></ul></blockquote>",
        "> - a\n>\n> - b",
    ),
    "a tight list in a loose one": (
        "<ul><li><p>a</p><ul><li>b<li>c</ul></li><li><p>d</p></li></ul>",
        "- a\n\n  - b\n  - c\n\n- d",
    ),
    "numbers going down": ("<ol reversed start=3><li>c<li>b<li>a</ol>", "3. c\n\n2) b\n1. a"),
    "numbers that jump": ("<ol><li>a<li>b<li value=7>c<li>d</ol>", "1. a\n2. b\n\n7) c\n8) d"),
    "definitions": ("<dl><dt>T<dd>one<dd>two<dt>U<dd>three</dl>", "**T**\n\n- one\n- two\n\n**U**\n\n- three"),
    "a cell over two rows": ("<table><tr><td rowspan=2>a<td>b<tr><td>c</table>", "| a | b |\n| --- | --- |\n|  | c |"),
    "a cell over two columns": (
        "<table><tr><th colspan=2>h<tr><td>a<td>b</table>",
        "| h |  |\n| --- | --- |\n| a | b |",
    ),
    "a first row that is too short": (
        "<table><tr><th>a<tr><td>1<td>2</table>",
        "| a |  |\n| --- | --- |\n| 1 | 2 |",
    ),
    "a foot before the body": (
        "<table><thead><tr><th>h</thead><tfoot><tr><td>f</tfoot><tbody><tr><td>b</tbody></table>",
        "| h |\n| --- |\n| b |\n| f |",
    ),
    "aligned columns": (
        "<table><tr><th align=left>a<th align=center>b<th align=right>c<tr><td>1<td>2<td>3</table>",
        "| a | b | c |\n| :-- | :-: | --: |\n| 1 | 2 | 3 |",
    ),
    "paragraphs in a cell": (
        "<table><tr><th>a<th>b<tr><td><p>x</p><p>y</p><td>z</table>",
        "| a | b |\n| --- | --- |\n| x<br>y | z |",
    ),
    "code in a cell": (
        "<table><tr><th>a<th>b<tr><td><pre>x\n y</pre><td>z</table>",
        "| a | b |\n| --- | --- |\n| `x`<br>` y` | z |",
    ),
    "a layout table": (
        "<table><tr><td><h2>Left</h2><p>a</p></td><td><p>b</p></td></tr></table>",
        "## Left\n\na\n\nb",
    ),
    "a table for presentation": ('<table role="presentation"><tr><td>a<td>b</table>', "a\n\nb"),
    "MathML with TeX": (f"<p>a <math>{SEMANTICS.format('x_1*y')}</math> b", "a $x_1*y$ b"),
    "MathML alone": (
        "<p><math><mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><msqrt><mi>α</mi></msqrt></mfrac></math></p>",
        r"$\frac{a+1}{\sqrt{\alpha}}$",
    ),
    "MathML that stands alone": (f"<p>a<math display=block>{SEMANTICS.format('x')}</math>b", "a\n\n$$x$$\n\nb"),
    "a formula in a table": (
        f"<table><tr><th>f<tr><td><math>{SEMANTICS.format('|x|')}</math></table>",
        "| f |\n| --- |\n| $\\|x\\|$ |",
    ),
    "MathJax 2": (
        '<p>a <span class="MathJax_Preview">x</span><span class="MathJax" id=m>x2</span>'
        '<script type="math/tex">x^2</script> b',
        "a $x^2$ b",
    ),
    "MathJax 2 that stands alone": (
        '<p>a</p><script type="math/tex; mode=display">\\int_0^1 %c\n x</script>',
        "a\n\n$$\\int_0^1 x$$",
    ),
    "MathJax 3": (
        '<p>a <mjx-container><mjx-math aria-hidden="true"><mjx-mi>q</mjx-mi></mjx-math><mjx-assistive-mml><math>'
        "<msup><mi>x</mi><mn>2</mn></msup></math></mjx-assistive-mml></mjx-container> b",
        "a $x^2$ b",
    ),
    "KaTeX that stands alone": (
        '<div><span class="katex-display"><span class="katex"><span class="katex-mathml"><math>'
        f"{SEMANTICS.format('x^2')}</math></span><span class=katex-html aria-hidden=true>x2</span></span></span></div>",
        "$$x^2$$",
    ),
    "formulas in prose": (
        '<script src="https://cdn.example/mathjax/es5.js"></script><p>a \\(x_1\\) b $$y$$</p><code>\\(z\\)</code>',
        "a $x_1$ b\n\n$$y$$\n\n`\\(z\\)`",
    ),
    "MediaWiki": (
        '<p>a <span class="mwe-math-element"><span style="display:none">'
        f'<math>{SEMANTICS.format(STYLED)}</math></span><img src="/x.svg" alt="x"></span> b',
        "a $x$ b",
    ),
    "powers": ("<p>10<sup>6</sup> H<sub>2</sub>O", "10<sup>6</sup> H<sub>2</sub>O"),
    "a footnote": (
        '<p>a<sup><a href="#n1">1</a></sup><ol><li id=n1>Note <a href="#r1">↩</a></ol>',
        "a[1](https://www.example.com/dir/page.html#n1)\n\n1. Note",
    ),
    "ruby": ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "漢(kan)"),
    "an emoji": ('<p>a <img class="emoji" alt="😀" src="/e.png"> b', "a 😀 b"),
    "a card": (
        '<a href="/c"><img src="/i.png" alt="i"><h3>Title</h3><p>Body</p></a>',
        "![i](https://www.example.com/i.png)\n\n### [Title](https://www.example.com/c)\n\nBody",
    ),
    "emphasis in other scripts": ("<p>中文<b>粗体</b>中文 <i>é</i> <b>עולם</b></p>", "中文**粗体**中文 *é* **עולם**"),
    "tags in code": ("<p><b>é</b> <code>&lt;strong>é&lt;/strong></code></p>", "**é** `<strong>é</strong>`"),
    "empty lines in a paragraph": ("<p>a<br><br>b<br>c<br></p>", "a\n\nb  \nc"),
    "controls": ("<button>a</button><button>b</button><select><option>c<option>d</select>", "a b c d"),
    "old blocks": ("<center>a</center>b<fieldset><legend>c</legend>d</fieldset>", "a\n\nb\n\nc\n\nd"),
    "a permalink": ('<h2>a<a class=anchor href="#a">#</a></h2>', "## a"),
}


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_construct(name):
    html, markdown = CONSTRUCTS[name]
    assert read_well(html).markdown.raw_markdown == markdown


CODE = "def f(x):\n\n    return x"
LINES = CODE.split("\n")
BLOCKS = {
    "lines without breaks": '<pre class="shiki"><code class="language-py">{}</code></pre>'.format(
        "".join(f'<span class="line"><span>{line}</span></span>' for line in LINES)
    ),
    "lines with breaks": '<pre class="shiki"><code class="language-py">{}</code></pre>'.format(
        "\n".join(f'<span class="line"><span>{line}</span></span>' for line in LINES)
    ),
    "a block for each line": '<pre><code class="language-py">{}</code></pre>'.format(
        "".join(f'<div class="token-line">{line or "<br>"}</div>' for line in LINES)
    ),
    "line breaks": '<pre class="lang-py">{}</pre>'.format("<br>".join(LINES)),
    "a row for each line": '<pre><code class="hljs py"><table class="hljs-ln">{}</table></code></pre>'.format(
        "".join(
            f'<tr><td class="hljs-ln-numbers">{n}</td><td class="hljs-ln-code">{line}</td></tr>'
            for n, line in enumerate(LINES, 1)
        )
    ),
    "numbers in the lines": '<div class="highlight-py"><div class="highlight"><pre>{}</pre></div></div>'.format(
        "\n".join(f'<span class="linenos">{n} </span>{line}' for n, line in enumerate(LINES, 1))
    ),
    "a file on GitHub": '<table class="highlight js-file-line-container"><tbody>{}</tbody></table>'.format(
        "".join(
            f'<tr><td class="blob-num" data-line-number="{n}"></td><td class="blob-code">{line}</td></tr>'
            for n, line in enumerate(LINES, 1)
        )
    ),
    "CodeMirror": '<div class="CodeMirror-code language-py">{}</div>'.format(
        "".join(
            f'<div><div class="CodeMirror-linenumber">{n}</div><pre class="CodeMirror-line">{line}</pre></div>'
            for n, line in enumerate(LINES, 1)
        )
    ),
    "Monaco": '<div class="view-lines language-py">{}</div>'.format(
        "".join(f'<div class="view-line">{line.replace(" ", "&nbsp;")}</div>' for line in LINES)
    ),
    "hexo": '<figure class="highlight py"><table><tr><td class="gutter"><pre>1<br>2<br>3</pre></td>'
    '<td class="code"><pre>{}</pre></td></tr></table></figure>'.format(
        "<br>".join(f'<span class="line">{line}</span>' for line in LINES)
    ),
    "a copy button beside it": '<div class="language-py"><button class="copy">Copy</button><span class="lang">py</span>'
    f"<pre>{CODE}</pre></div>",
    "no pre": f'<div><code class="language-py">{CODE}</code></div>',
}


@pytest.mark.parametrize("name", BLOCKS)
def test_code_block(name):
    written = read_well(f"<p>a</p>{BLOCKS[name]}<p>b</p>").markdown.raw_markdown
    language = "" if name == "a file on GitHub" else "py"
    assert written.rstrip() == f"a\n\n```{language}\n{CODE}\n```\n\nb"


def test_code_in_prose_stays_in_its_line():
    assert read_well("<p>a <code>b\nc</code> d</p>").markdown.raw_markdown == "a `b c` d"


def test_noncharacters_in_the_page_do_no_harm():
    text = "".join(map(chr, range(0xFDD0, 0xFDE0)))
    markdown = read_well(f"<p>a{text}b {chr(0xFDD8)}7{chr(0xFDD8)}</p><p>END</p>").markdown.raw_markdown
    assert markdown.startswith("a")
    assert markdown.endswith("END")
