import pytest

from nephila.extract.markdown import DefaultMarkdownGenerator

CODE = "def f(x):\n    return x  # *a* [b](c) <d>\n\n\n\tindented"
ESCAPED = CODE.replace("<", "&lt;")


def write(html):
    return DefaultMarkdownGenerator().generate_markdown(html, "https://example.com/").raw_markdown


@pytest.mark.parametrize(
    ("html", "language"),
    [
        ("<pre>{}</pre>", ""),
        ("<pre><code>{}</code></pre>", ""),
        ('<pre class="language-python"><code class="language-python">{}</code></pre>', "python"),
        ('<pre><code class="hljs python">{}</code></pre>', "python"),
        ('<pre><code class="hljs language-python">{}</code></pre>', "python"),
        ('<pre><code class="lang-python">{}</code></pre>', "python"),
        ('<pre class="shiki github-dark" data-language="python"><code>{}</code></pre>', "python"),
        ('<div class="highlight-python notranslate"><div class="highlight"><pre>{}</pre></div></div>', "python"),
        ('<div class="highlight-default"><div class="highlight"><pre>{}</pre></div></div>', ""),
        ('<div class="highlight highlight-source-python"><pre>{}</pre></div>', "python"),
        ('<div class="language-python highlighter-rouge"><div><pre class="highlight">{}</pre></div></div>', "python"),
        ('<pre class="sourceCode python"><code>{}</code></pre>', "python"),
        ('<pre class="brush: python; gutter: false">{}</pre>', "python"),
        ('<pre class="prettyprint lang-python">{}</pre>', "python"),
        ('<figure class="x" data-lang="python"><pre>{}</pre></figure>', "python"),
        ('<pre><code class="language-text">{}</code></pre>', "text"),
        ('<pre><code class="language-none">{}</code></pre>', ""),
        ('<pre class="wp-block-code"><code>{}</code></pre>', ""),
        ('<pre data-language="&quot;><script>"><code>{}</code></pre>', ""),
    ],
)
def test_code_is_kept_byte_for_byte_with_its_language(html, language):
    assert write(html.format(ESCAPED)) == f"```{language}\n{CODE}\n```"


def test_markup_of_a_highlighter_leaves_no_trace():
    html = (
        '<pre class="chroma"><code class="language-go"><span class="line"><span class="ln">1</span>'
        '<span class="k">a</span> <span>b</span>\n</span><span class="line"><span class="ln">2</span>c\n</span></code>'
        "<button>Copy</button></pre>"
    )
    assert write(html) == "```go\na b\nc\n```"


def test_a_table_of_line_numbers_is_left_out():
    html = (
        '<div class="highlight"><table><tr><td class="linenos"><pre>1\n2</pre></td>'
        '<td class="code"><div><pre class="language-js">a\nb</pre></div></td></tr></table></div>'
    )
    assert write(html) == "```js\na\nb\n```"
    assert write(html.replace("linenos", "gutter")) == "```js\na\nb\n```"


def test_code_in_a_table_of_values_stays_in_the_table():
    html = "<table><tr><td>a</td><td><pre>x</pre></td></tr><tr><td>b</td><td>c</td></tr></table>"
    assert write(html).startswith("| a | `x` |")


def test_a_block_without_code_is_left_out():
    assert write("<p>a<pre class=x> \n </pre><p>b") == "a\n\nb"


def test_fences_in_code_get_a_longer_fence():
    assert write("<pre>```\nx\n```</pre>") == "````\n```\nx\n```\n````"


def test_code_in_a_list():
    assert write("<ul><li>a<pre>b\n  c</pre></ul>") == "- a\n  ```\n  b\n    c\n  ```"
